package client

import (
	"encoding/json"
	"testing"
	"time"
)

// Whatever an answer holds, decoding gives a whole snapshot or an error.
func FuzzSnapshot(f *testing.F) {
	f.Add([]byte(`{"id": "6dd4a9ac", "volume_id": "v", "status": "available", "size": 1, "created_at": "2016-08-19T16:20:36.000000", "metadata": {"a": "1"}}`))
	f.Add([]byte(`{"id": "", "metadata": null, "updated_at": null}`))
	f.Add([]byte(`{"id": "x", "size": 1e400}`))
	f.Add([]byte(`{"id": "x", "created_at": "9999-99-99"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var s Snapshot
		if json.Unmarshal(data, &s) != nil {
			return
		}
		if string(data) != "null" && (s.ID == "" && s.Metadata != nil || s.ID != "" && s.Metadata == nil) {
			t.Errorf("%+v", s)
		}
		for _, at := range []time.Time{s.CreatedAt, s.UpdatedAt} {
			if at.Location() != time.UTC {
				t.Errorf("%v is not in UTC", at)
			}
		}
	})
}
