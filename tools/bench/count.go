package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"
)

// traffic is what passed between a command and the cloud.
type traffic struct {
	SignIns int `json:"sign_ins"`
	// Requests are all others, Bytes the bodies of their answers.
	Requests int   `json:"requests"`
	Bytes    int64 `json:"bytes"`
	// Kinds counts the requests by what they are for.
	Kinds map[string]int `json:"kinds,omitempty"`
	// created says when each snapshot's creation was accepted.
	created map[string]time.Time
}

// counter passes requests on, and counts them.
type counter struct {
	next http.Handler
	mu   sync.Mutex
	seen traffic
}

// ServeHTTP counts before the client can know of it: what is taken after a command is then all of it.
func (c *counter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	kind := kindOf(r)
	c.note(func(seen *traffic) {
		if kind == signInKind {
			seen.SignIns++
			return
		}
		seen.Requests++
		if seen.Kinds == nil {
			seen.Kinds = map[string]int{}
		}
		seen.Kinds[kind]++
	})
	answer := &countedAnswer{ResponseWriter: w, counter: c, kind: kind}
	c.next.ServeHTTP(answer, r)
	if kind == createKind {
		c.accepted(answer.body.Bytes())
	}
}

func (c *counter) note(change func(*traffic)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.seen)
}

// accepted takes note of a snapshot that is being made.
func (c *counter) accepted(body []byte) {
	now := time.Now()
	var answer struct {
		Snapshot struct {
			ID string `json:"id"`
		} `json:"snapshot"`
	}
	if json.Unmarshal(body, &answer) != nil || answer.Snapshot.ID == "" {
		return
	}
	c.note(func(seen *traffic) {
		if seen.created == nil {
			seen.created = map[string]time.Time{}
		}
		seen.created[answer.Snapshot.ID] = now
	})
}

// take returns what passed since the last time.
func (c *counter) take() traffic {
	c.mu.Lock()
	defer c.mu.Unlock()
	seen := c.seen
	c.seen = traffic{}
	return seen
}

const (
	signInKind = "POST auth/tokens"
	createKind = "POST snapshots"
)

var (
	// A project is in Cinder's paths only.
	untilVersion = regexp.MustCompile(`^.*?/v[23](/[0-9a-f]{32})?/`)
	anID         = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
)

// kindOf is method and path without what differs from one snapshot to the other.
func kindOf(r *http.Request) string {
	path := untilVersion.ReplaceAllString(r.URL.Path, "")
	return r.Method + " " + strings.Trim(anID.ReplaceAllString(path, "ID"), "/")
}

// countedAnswer counts what is written, and keeps it where it tells of a new snapshot.
type countedAnswer struct {
	http.ResponseWriter
	counter *counter
	kind    string
	body    bytes.Buffer
}

func (a *countedAnswer) Write(p []byte) (int, error) {
	switch a.kind {
	case signInKind:
	case createKind:
		a.body.Write(p)
		fallthrough
	default:
		a.counter.note(func(seen *traffic) { seen.Bytes += int64(len(p)) })
	}
	return a.ResponseWriter.Write(p)
}

// Unwrap lets a reverse proxy flush.
func (a *countedAnswer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
