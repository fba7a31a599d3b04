package cinder

import (
	"container/heap"
	"time"

	"github.com/istack/terraform-provider-istack/internal/simulator/python"
)

// change is something that will happen at a given time.
type change struct {
	at    time.Time
	order int
	apply func(at time.Time)
}

// changes is a heap, the next change first.
type changes []change

func (c changes) Len() int { return len(c) }

func (c changes) Less(i, j int) bool {
	if !c[i].at.Equal(c[j].at) {
		return c[i].at.Before(c[j].at)
	}
	return c[i].order < c[j].order
}

func (c changes) Swap(i, j int) { c[i], c[j] = c[j], c[i] }

func (c *changes) Push(x any) { *c = append(*c, x.(change)) }

func (c *changes) Pop() any {
	last := len(*c) - 1
	x := (*c)[last]
	*c = (*c)[:last]
	return x
}

// after plans a change. Time passes for a region only when it is asked something: nothing runs on its own.
func (r *Region) after(d time.Duration, now time.Time, apply func(at time.Time)) {
	r.changeCount++
	heap.Push(&r.pending, change{now.Add(d), r.changeCount, apply})
}

// settle lets everything happen that is due.
func (r *Region) settle(now time.Time) {
	for len(r.pending) > 0 && !r.pending[0].at.After(now) {
		next := heap.Pop(&r.pending).(change)
		next.apply(next.at)
	}
}

// stamp writes a time as the API has it: UTC without a zone. The database keeps whole seconds.
func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.Truncate(time.Second).Format(python.TimeLayout)
}
