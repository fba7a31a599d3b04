package transport

import (
	"log/slog"
	"net/http"
	"time"
)

// loggingTransport writes one debug record for each request on the wire. It
// records neither headers nor bodies nor the query, which are where secrets
// and data are.
type loggingTransport struct {
	next   http.RoundTripper
	logger *slog.Logger
}

func (t *loggingTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	if t.logger == nil {
		return t.next.RoundTrip(req)
	}
	start := time.Now()
	resp, err := t.next.RoundTrip(req)
	attrs := []slog.Attr{
		slog.String("method", req.Method),
		slog.String("host", req.URL.Host),
		slog.String("path", req.URL.Path),
		slog.Int64("milliseconds", time.Since(start).Milliseconds()),
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", err.Error()))
	} else {
		attrs = append(attrs, slog.Int("status", resp.StatusCode),
			slog.String("request_id", resp.Header.Get("X-Openstack-Request-Id")))
	}
	t.logger.LogAttrs(req.Context(), slog.LevelDebug, "API request", attrs...)
	return resp, err
}
