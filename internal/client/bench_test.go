package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/istack/terraform-provider-istack/internal/simulator"
)

func onePage(b *testing.B, n int) []byte {
	b.Helper()
	server := simulator.New(simulator.Options{PageLimit: n})
	if err := server.SeedSnapshots(server.SeedVolume("v", 1), n, "seed"); err != nil {
		b.Fatal(err)
	}
	m := &memory{Server: server, t: b}
	var body []byte
	m.instead = func(w http.ResponseWriter, r *http.Request) bool {
		recorder := httptest.NewRecorder()
		server.ServeHTTP(recorder, r)
		if isListing(r) {
			body = recorder.Body.Bytes()
		}
		for name, values := range recorder.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(recorder.Code)
		_, _ = w.Write(recorder.Body.Bytes())
		return true
	}
	if _, err := readPage[Snapshot](b.Context(), m.open(), nil); err != nil {
		b.Fatal(err)
	}
	return body
}

// A page as the data sources read it, and as shared reads do, which look at no
// more than the ids.
func BenchmarkDecodePage(b *testing.B) {
	body := onePage(b, 1000)
	b.Run("snapshots", func(b *testing.B) { decode[Snapshot](b, body) })
	b.Run("ids", func(b *testing.B) { decode[identified](b, body) })
}

func decode[T any](b *testing.B, body []byte) {
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		var result page[T]
		if err := json.Unmarshal(body, &result); err != nil || len(result.Snapshots) != 1000 {
			b.Fatal(err)
		}
	}
}

// A listing of a whole project; the time of a snapshot should not depend on how
// many there are.
func BenchmarkList(b *testing.B) {
	for _, n := range []int{1000, 10000, 50000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			server := simulator.New(simulator.Options{})
			if err := server.SeedSnapshots(server.SeedVolume("v", 1), n, "seed"); err != nil {
				b.Fatal(err)
			}
			storage := (&memory{Server: server, t: b}).open()
			b.ReportAllocs()
			for b.Loop() {
				count := 0
				for _, err := range storage.List(b.Context(), Filter{}) {
					if err != nil {
						b.Fatal(err)
					}
					count++
				}
				if count != n {
					b.Fatal(count)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/snapshot")
		})
	}
}

// All snapshots of a project, ten at a time, by shared reads and by single ones.
// The cloud's own work is in it.
func BenchmarkRead(b *testing.B) {
	for _, n := range []int{10, 1000, 5000} {
		for _, single := range []bool{false, true} {
			name := "shared"
			if single {
				name = "single"
			}
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				server := simulator.New(simulator.Options{})
				if err := server.SeedSnapshots(server.SeedVolume("v", 1), n, "seed"); err != nil {
					b.Fatal(err)
				}
				m := &memory{Server: server, t: b}
				var all []Snapshot
				for s, err := range m.open().List(b.Context(), Filter{}) {
					if err != nil {
						b.Fatal(err)
					}
					all = append(all, s)
				}
				m.forget()
				b.ReportAllocs()
				for b.Loop() {
					storage := m.open()
					storage.client.SingleReads = single
					readAll(b.Context(), b, storage, all)
				}
				b.ReportMetric(float64(m.count()["all"])/float64(b.N), "requests/op")
			})
		}
	}
}

func readAll(ctx context.Context, b *testing.B, storage *BlockStorage, all []Snapshot) {
	next := make(chan Snapshot)
	var workers sync.WaitGroup
	for range 10 {
		workers.Go(func() {
			for s := range next {
				if _, err := storage.Read(ctx, Reference{ID: s.ID, VolumeID: s.VolumeID}); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for _, s := range all {
		next <- s
	}
	close(next)
	workers.Wait()
}
