package acctest

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"time"
)

// Fault is something that goes wrong between the provider and the cloud.
type Fault struct {
	Name string
	// Acted says that the cloud has acted on the request all the same.
	Acted bool
	// do answers; forward lets the cloud act.
	do func(w http.ResponseWriter, forward func(http.ResponseWriter))
}

// Faults are all of them. hold is how long a slow answer takes: longer than the
// request timeout of the provider.
func Faults(hold time.Duration) []Fault {
	status := func(code int, header ...string) func(http.ResponseWriter, func(http.ResponseWriter)) {
		return func(w http.ResponseWriter, _ func(http.ResponseWriter)) {
			for i := 0; i+1 < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(code)
		}
	}
	acted := func(answer func(http.ResponseWriter, *httptest.ResponseRecorder)) func(http.ResponseWriter, func(http.ResponseWriter)) {
		return func(w http.ResponseWriter, forward func(http.ResponseWriter)) {
			recorder := httptest.NewRecorder()
			forward(recorder)
			answer(w, recorder)
		}
	}
	return []Fault{
		{"connection cut before", false, func(http.ResponseWriter, func(http.ResponseWriter)) { panic(http.ErrAbortHandler) }},
		{"connection cut after", true, acted(func(http.ResponseWriter, *httptest.ResponseRecorder) { panic(http.ErrAbortHandler) })},
		{"answer truncated", true, acted(func(w http.ResponseWriter, r *httptest.ResponseRecorder) {
			body := r.Body.Bytes()
			w.Header().Set("Content-Length", strconv.Itoa(len(body)+1))
			w.WriteHeader(r.Code)
			_, _ = w.Write(body[:len(body)/2])
			panic(http.ErrAbortHandler)
		})},
		{"answer too slow", true, acted(func(w http.ResponseWriter, r *httptest.ResponseRecorder) {
			w.WriteHeader(r.Code)
			for range 5 {
				_, _ = w.Write([]byte(" "))
				_ = http.NewResponseController(w).Flush()
				time.Sleep(hold / 5)
			}
		})},
		{"408", false, status(http.StatusRequestTimeout)},
		{"429 with seconds", false, status(http.StatusTooManyRequests, "Retry-After", "1")},
		{"429 with a date", false, func(w http.ResponseWriter, _ func(http.ResponseWriter)) {
			status(http.StatusTooManyRequests, "Retry-After", time.Now().Add(time.Second).UTC().Format(http.TimeFormat))(w, nil)
		}},
		{"429 with nothing", false, status(http.StatusTooManyRequests)},
		{"413 of a rate limit", false, status(http.StatusRequestEntityTooLarge, "Retry-After", "1")},
		{"500", false, func(w http.ResponseWriter, _ func(http.ResponseWriter)) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = w.Write([]byte(`{"computeFault": {"code": 500, "message": "The server has either erred or is incapable of performing the requested operation."}}`))
		}},
		{"502 after", true, acted(func(w http.ResponseWriter, _ *httptest.ResponseRecorder) { w.WriteHeader(http.StatusBadGateway) })},
		{"503 before", false, status(http.StatusServiceUnavailable, "Retry-After", "1")},
		{"504 after", true, acted(func(w http.ResponseWriter, _ *httptest.ResponseRecorder) { w.WriteHeader(http.StatusGatewayTimeout) })},
		{"401 of a revoked token", false, status(http.StatusUnauthorized)},
		{"300", false, status(http.StatusMultipleChoices)},
		{"404 of a proxy", false, func(w http.ResponseWriter, _ func(http.ResponseWriter)) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte("<html>There is no such page here</html>"))
		}},
		{"HTML", true, acted(func(w http.ResponseWriter, _ *httptest.ResponseRecorder) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte("<html>Welcome to the captive portal</html>"))
		})},
		{"empty body", true, acted(func(w http.ResponseWriter, r *httptest.ResponseRecorder) { w.WriteHeader(r.Code) })},
	}
}

// Inject makes the first times of the requests that match meet the fault. met
// tells how many have.
func (p *Proxy) Inject(f Fault, times int, match func(Request) bool) (met func() int) {
	var matched atomic.Int64
	p.Instead(func(w http.ResponseWriter, r Request, forward func(http.ResponseWriter)) bool {
		if !match(r) || matched.Add(1) > int64(times) {
			return false
		}
		f.do(w, forward)
		return true
	})
	return func() int { return min(int(matched.Load()), times) }
}
