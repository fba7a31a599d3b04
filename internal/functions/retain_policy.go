package functions

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/istack/terraform-provider-istack/internal/retention"
)

// readPolicy reads the argument policy. Whether its rules are usable, [retention.Policy.Check]
// tells.
func readPolicy(value any) (policy retention.Policy, now time.Time, err error) {
	o, ok := value.(map[string]any)
	if !ok {
		return policy, now, fmt.Errorf("it must be an object such as { keep_daily = 7 }, not %s", kind(value))
	}
	policy = retention.Policy{Numbers: map[string]int{}, Within: map[string]retention.Duration{}}
	var names []string
	for _, rule := range retention.Rules() {
		names = append(names, rule.Name)
		given := o[rule.Name]
		if given == nil {
			continue
		}
		switch rule.Kind {
		case retention.Number:
			policy.Numbers[rule.Name], err = whole(rule.Name, given)
		case retention.Within:
			policy.Within[rule.Name], err = duration(rule.Name, given)
		case retention.Metadata:
			policy.Metadata, err = alternatives(rule.Name, given)
		}
		if err != nil {
			return policy, now, err
		}
	}
	names = append(names, "now")
	for _, name := range slices.Sorted(maps.Keys(o)) {
		if !slices.Contains(names, name) {
			return policy, now, fmt.Errorf("there is no %s; there are %s", name, strings.Join(names, ", "))
		}
	}
	now, err = instant("now", o["now"])
	return policy, now, err
}

func whole(name string, value any) (int, error) {
	number, ok := value.(*big.Float)
	if !ok {
		return 0, fmt.Errorf("%s must be a whole number, not %s", name, kind(value))
	}
	if n, accuracy := number.Int64(); accuracy == big.Exact && int64(int(n)) == n {
		return int(n), nil
	}
	return 0, fmt.Errorf("%s is %s: it must be a whole number, 1 or more, or -1 for all", name, number.Text('g', -1))
}

func duration(name string, value any) (retention.Duration, error) {
	s, ok := value.(string)
	if !ok {
		return retention.Duration{}, fmt.Errorf("%s must be a string such as \"7d\", not %s", name, kind(value))
	}
	d, err := retention.ParseDuration(s)
	if err != nil {
		return d, fmt.Errorf("%s: %w", name, err)
	}
	return d, nil
}

// alternatives reads a list of maps.
func alternatives(name string, value any) ([]map[string]string, error) {
	list, ok := value.([]any)
	if !ok {
		return nil, fmt.Errorf("%s must be a list of maps, not %s", name, kind(value))
	}
	read := make([]map[string]string, 0, len(list))
	for i, element := range list {
		m, err := texts(fmt.Sprintf("%s[%d]", name, i), element)
		if err != nil {
			return nil, err
		}
		read = append(read, m)
	}
	return read, nil
}
