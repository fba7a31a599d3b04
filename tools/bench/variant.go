package main

import (
	"fmt"
	"slices"
	"strings"
)

// variant is one of the things that are compared.
type variant struct {
	name  string
	about string
	// program is the folder of the provider's binary, "" for the resource that is built into Terraform.
	program string
	env     []string
}

const (
	realProgram = "this"
	nullProgram = "null"
)

// variants are all there are, in the order of the tables.
var variants = []variant{
	{name: "terraform_data", about: "Terraform's own terraform_data: no provider process"},
	{name: "null", about: "the same schema, every hook returns at once", program: nullProgram},
	{name: "lean", about: "null, with the savings of this provider: no logs, contexts let go of, fewer garbage collections", program: nullProgram, env: []string{"BENCH_LEAN=1"}},
	{name: "shared", about: "this provider", program: realProgram},
	{name: "single", about: "this provider, one request for each read", program: realProgram, env: []string{"ISTACK_SHARED_READS=false"}},
	// Any variable of this prefix makes the provider leave the framework's logs at their default.
	{name: "logs", about: "this provider, the framework's trace log on", program: realProgram, env: []string{"TF_LOG_BENCH=1"}},
}

// calls reports whether the variant speaks to the cloud.
func (v variant) calls() bool { return v.program == realProgram }

// pickVariants reads a list of names.
func pickVariants(list string) ([]variant, error) {
	var picked []variant
	for name := range strings.SplitSeq(list, ",") {
		i := slices.IndexFunc(variants, func(v variant) bool { return v.name == name })
		if i < 0 {
			return nil, fmt.Errorf("no variant %q", name)
		}
		picked = append(picked, variants[i])
	}
	return picked, nil
}

func variantNames() string {
	names := make([]string, len(variants))
	for i, v := range variants {
		names[i] = v.name
	}
	return strings.Join(names, ",")
}
