package functions

import "github.com/istack/terraform-provider-istack/internal/retention"

// retained is what retain returns.
type retained struct {
	KeptIDs    []string            `tfsdk:"kept_ids"`
	ExpiredIDs []string            `tfsdk:"expired_ids"`
	IgnoredIDs []string            `tfsdk:"ignored_ids"`
	Reasons    map[string][]string `tfsdk:"reasons"`
}

func newRetained(decision retention.Decision) retained {
	// Empty lists, since nil would be null.
	r := retained{KeptIDs: []string{}, ExpiredIDs: []string{}, IgnoredIDs: []string{}, Reasons: map[string][]string{}}
	for _, v := range decision.Kept {
		r.KeptIDs = append(r.KeptIDs, v.Snapshot.ID)
		r.Reasons[v.Snapshot.ID] = v.Reasons
	}
	for _, v := range decision.Expired {
		r.ExpiredIDs = append(r.ExpiredIDs, v.Snapshot.ID)
	}
	for _, v := range decision.Ignored {
		r.IgnoredIDs = append(r.IgnoredIDs, v.Snapshot.ID)
		for _, reason := range v.Reasons {
			r.Reasons[v.Snapshot.ID] = append(r.Reasons[v.Snapshot.ID], "ignored: "+reason)
		}
	}
	return r
}
