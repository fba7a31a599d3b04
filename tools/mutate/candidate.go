package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"strconv"
	"strings"
)

// mutant is one change of one file.
type mutant struct {
	target *target
	file   string // below the root of the module
	// line and column are where the change begins.
	line, column int
	// start and end are the bytes of the file that text takes the place of.
	start, end int
	text       string
	// what says what the change is.
	what string
}

func (m *mutant) place() string { return fmt.Sprintf("%s:%d:%d", m.file, m.line, m.column) }

func (m *mutant) String() string { return m.place() + "  " + m.what }

// apply makes the change.
func (m *mutant) apply(source []byte) []byte {
	return []byte(string(source[:m.start]) + m.text + string(source[m.end:]))
}

// source is a target with what the compiler knows of it.
type source struct {
	target *target
	root   string
	path   string // of the import
	set    *token.FileSet
	files  []*ast.File
	texts  map[string][]byte // by name below the root
	info   *types.Info
	uses   types.Importer
}

// candidates are all the mutants there are, in the order of the files.
func (s *source) candidates() []*mutant {
	var all []*mutant
	for _, file := range s.files {
		c := &collector{source: s}
		c.name, _ = filepath.Rel(s.root, s.set.Position(file.Package).Filename)
		c.text = s.texts[c.name]
		for _, declaration := range file.Decls {
			ast.Walk(walker{collector: c}, declaration)
		}
		all = append(all, c.found...)
	}
	return all
}

// collector finds the mutants of a file.
type collector struct {
	*source
	name  string
	text  []byte
	found []*mutant
}

// walker is at a place inside of a function.
type walker struct {
	*collector
	// signature is that of the function, nil outside of all.
	signature *types.Signature
	// message says that the function makes the text of an error.
	message bool
}

// Visit finds the mutants at a node, and says who looks at what is below it.
func (w walker) Visit(node ast.Node) ast.Visitor {
	switch n := node.(type) {
	case *ast.FuncDecl:
		return w.inside(w.info.TypeOf(n.Name), n.Recv != nil && n.Name.Name == "Error")
	case *ast.FuncLit:
		return w.inside(w.info.TypeOf(n), w.message)
	case *ast.GenDecl:
		if n.Tok == token.IMPORT {
			return nil
		}
	case *ast.Field:
		// Its type has no candidates, and its tag is none.
		return nil
	case *ast.CallExpr:
		if w.leftOut(n) {
			return nil
		}
	case *ast.IfStmt:
		w.negate(n.Cond)
	case *ast.ForStmt:
		if n.Cond != nil {
			w.negate(n.Cond)
		}
	case *ast.SwitchStmt:
		if n.Tag == nil {
			for _, clause := range n.Body.List {
				if clause, ok := clause.(*ast.CaseClause); ok {
					for _, condition := range clause.List {
						w.negate(condition)
					}
				}
			}
		}
	case *ast.BinaryExpr:
		if other, ok := others[n.Op]; ok {
			w.add(n.OpPos, n.OpPos+token.Pos(len(n.Op.String())), other.String(), "%s to %s: %s", n.Op, other, w.shown(n))
		}
	case *ast.ReturnStmt:
		w.returned(n)
	case *ast.BasicLit:
		w.constant(n)
	case *ast.ExprStmt:
		if call, ok := n.X.(*ast.CallExpr); ok && !w.leftOut(call) {
			w.add(n.Pos(), n.End(), "", "remove: %s", w.shown(n))
		}
	}
	return w
}

// inside returns a walker of the inside of a function of that type.
func (w walker) inside(function types.Type, message bool) walker {
	signature, _ := function.(*types.Signature)
	return walker{w.collector, signature, message}
}

// others are what stands for an operator.
var others = map[token.Token]token.Token{
	token.LAND: token.LOR, token.LOR: token.LAND,
	token.LSS: token.LEQ, token.LEQ: token.LSS, token.GTR: token.GEQ, token.GEQ: token.GTR,
	token.EQL: token.NEQ, token.NEQ: token.EQL,
}

// negate negates a condition, unless another mutant is the same.
func (w walker) negate(condition ast.Expr) {
	if binary, ok := ast.Unparen(condition).(*ast.BinaryExpr); ok && (binary.Op == token.EQL || binary.Op == token.NEQ) {
		return
	}
	w.add(condition.Pos(), condition.End(), "!("+w.cut(condition)+")", "negate: %s", w.shown(condition))
}

// returned breaks what a function returns.
func (w walker) returned(n *ast.ReturnStmt) {
	if w.signature == nil || w.signature.Results().Len() != len(n.Results) {
		return // nothing, or what another function returns
	}
	for i, result := range n.Results {
		switch t := w.signature.Results().At(i).Type(); {
		case types.Identical(t, types.Universe.Lookup("error").Type()):
			if !w.info.Types[result].IsNil() {
				w.add(result.Pos(), result.End(), "nil", "return nil: %s", w.shown(result))
			}
		case types.Identical(t.Underlying(), types.Typ[types.Bool]):
			w.negate(result)
		}
	}
}

// constant breaks a constant.
func (w walker) constant(n *ast.BasicLit) {
	switch n.Kind {
	case token.INT:
		if named, ok := w.info.TypeOf(n).(*types.Named); ok && named.Obj().Name() == "Duration" && named.Obj().Pkg().Path() == "time" {
			return
		}
		w.add(n.Pos(), n.End(), "("+n.Value+" + 1)", "add 1: %s", n.Value)
	case token.STRING:
		if value, err := strconv.Unquote(n.Value); err == nil && value != "" && !w.message && !strings.Contains(value, " ") {
			w.add(n.Pos(), n.End(), `""`, "empty: %s", w.shown(n))
		}
	}
}

// leftOut reports whether a call logs, or makes an error.
func (w walker) leftOut(call *ast.CallExpr) bool {
	var name *ast.Ident
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.SelectorExpr:
		name = f.Sel
	case *ast.Ident:
		name = f
	default:
		return false
	}
	object := w.info.Uses[name]
	if object == nil || object.Pkg() == nil {
		return false
	}
	switch path := object.Pkg().Path(); path {
	case "log/slog", "github.com/hashicorp/terraform-plugin-log/tflog":
		return true
	default:
		return path == "errors" && name.Name == "New" || path == "fmt" && name.Name == "Errorf"
	}
}

func (w walker) add(start, end token.Pos, text, what string, args ...any) {
	at := w.set.Position(start)
	w.found = append(w.found, &mutant{
		target: w.target, file: w.name, line: at.Line, column: at.Column,
		start: at.Offset, end: w.set.Position(end).Offset, text: text, what: fmt.Sprintf(what, args...),
	})
}

// cut is the source of a node.
func (w walker) cut(n ast.Node) string {
	return string(w.text[w.set.Position(n.Pos()).Offset:w.set.Position(n.End()).Offset])
}

// shown is the source of a node in one line that is not too long.
func (w walker) shown(n ast.Node) string {
	const most = 70
	text := []rune(strings.Join(strings.Fields(w.cut(n)), " "))
	if len(text) > most {
		return string(text[:most]) + "..."
	}
	return string(text)
}
