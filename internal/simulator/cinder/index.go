package cinder

import (
	"slices"
	"strings"
	"time"

	"github.com/istack/terraform-provider-istack/internal/simulator/keystone"
	"github.com/istack/terraform-provider-istack/internal/simulator/mariadb"
)

// row is an object that can be listed.
type row interface {
	ident() string
	born() time.Time // whole seconds, as the database keeps them
	owner() string   // the project
	cell(column string) (cell, bool)
	pairs() metadata
}

// index holds rows in the default order of lists backwards: by birth, then by id. A page in the default order
// is so found without sorting.
type index struct {
	rows []row
}

func byBirth(a, b row) int {
	if c := a.born().Compare(b.born()); c != 0 {
		return c
	}
	return strings.Compare(a.ident(), b.ident())
}

func (x *index) add(r row) {
	at, _ := slices.BinarySearchFunc(x.rows, r, byBirth)
	x.rows = slices.Insert(x.rows, at, r)
}

func (x *index) remove(r row) {
	if at, found := slices.BinarySearchFunc(x.rows, r, byBirth); found {
		x.rows = slices.Delete(x.rows, at, at+1)
	}
}

// table holds all rows of one kind: by id, and in order for each project and for all together.
type table[T row] struct {
	byID      map[string]T
	all       index
	byProject map[string]*index
}

func newTable[T row]() table[T] {
	return table[T]{byID: map[string]T{}, byProject: map[string]*index{}}
}

func (s *table[T]) add(r T) {
	s.byID[r.ident()] = r
	s.all.add(r)
	x := s.byProject[r.owner()]
	if x == nil {
		x = &index{}
		s.byProject[r.owner()] = x
	}
	x.add(r)
}

func (s *table[T]) remove(r T) {
	delete(s.byID, r.ident())
	s.all.remove(r)
	s.byProject[r.owner()].remove(r)
}

// find looks an id up as the database does. Only an administrator sees other projects.
func (s *table[T]) find(id string, by *keystone.Token) (T, bool) {
	r, ok := s.byID[mariadb.Fold(id)]
	if !ok || !by.IsAdmin() && r.owner() != by.ProjectID() {
		var none T
		return none, false
	}
	return r, true
}

// rows returns the index of one project.
func (s *table[T]) rows(project string) []row {
	if x := s.byProject[project]; x != nil {
		return x.rows
	}
	return nil
}
