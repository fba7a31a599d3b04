package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
)

// draw takes a sample of n mutants that compile, of each target by its share of the candidates.
func draw(ctx context.Context, root string, targets []*target, seed uint64, n int) ([]*mutant, table, error) {
	sources, err := load(ctx, root, targets)
	if err != nil {
		return nil, nil, err
	}
	candidates, total := make([][]*mutant, len(targets)), 0
	for i, s := range sources {
		candidates[i] = s.candidates()
		total += len(candidates[i])
	}
	var (
		sample []*mutant
		all    table
		before int
	)
	for i, s := range sources {
		// The shares add up to n.
		first := n * before / max(total, 1)
		before += len(candidates[i])
		share := n*before/max(total, 1) - first
		// What is drawn of a target depends on no other.
		name := fnv.New64a()
		_, _ = io.WriteString(name, s.target.path)
		random := rand.New(rand.NewPCG(seed, name.Sum64())) //nolint:gosec // no secret
		f := &figures{path: s.target.path, candidates: len(candidates[i])}
		for _, k := range random.Perm(len(candidates[i])) {
			if f.drawn == share {
				break
			}
			if m := candidates[i][k]; s.compiles(m) {
				sample = append(sample, m)
				f.drawn++
			}
		}
		all = append(all, f)
	}
	return sample, all, nil
}

// listed is what go list says of a package.
type listed struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
}

// load reads the targets.
func load(ctx context.Context, root string, targets []*target) ([]*source, error) {
	args := []string{"list", "-deps", "-export", "-json=ImportPath,Dir,Export,GoFiles"}
	for _, t := range targets {
		args = append(args, "./"+t.path)
	}
	list := exec.CommandContext(ctx, "go", args...)
	list.Dir, list.Env, list.Stderr = root, environment(), os.Stderr
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", list, err)
	}
	packages := map[string]listed{} // by folder
	exports := map[string]string{}
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var l listed
		if err := decoder.Decode(&l); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		packages[l.Dir], exports[l.ImportPath] = l, l.Export
	}
	set := token.NewFileSet()
	uses := importer.ForCompiler(set, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	sources := make([]*source, 0, len(targets))
	for _, t := range targets {
		l := packages[filepath.Join(root, t.path)]
		s := &source{target: t, root: root, path: l.ImportPath, set: set, texts: map[string][]byte{}, uses: uses}
		for _, file := range l.GoFiles {
			name := filepath.Join(t.path, file)
			text, err := os.ReadFile(filepath.Join(root, name))
			if err != nil {
				return nil, err
			}
			parsed, err := parser.ParseFile(set, filepath.Join(root, name), text, parser.SkipObjectResolution)
			if err != nil {
				return nil, err
			}
			s.files, s.texts[name] = append(s.files, parsed), text
		}
		s.info = &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
		if _, err := (&types.Config{Importer: uses}).Check(s.path, set, s.files, s.info); err != nil {
			return nil, err
		}
		sources = append(sources, s)
	}
	return sources, nil
}

// compiles reports whether the target compiles with the mutant.
func (s *source) compiles(m *mutant) bool {
	set := token.NewFileSet()
	files := make([]*ast.File, 0, len(s.texts))
	for name, text := range s.texts {
		if name == m.file {
			text = m.apply(text)
		}
		parsed, err := parser.ParseFile(set, name, text, parser.SkipObjectResolution)
		if err != nil {
			return false
		}
		files = append(files, parsed)
	}
	_, err := (&types.Config{Importer: s.uses}).Check(s.path, set, files, nil)
	return err == nil
}
