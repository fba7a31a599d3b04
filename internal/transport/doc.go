// Package transport is what every HTTP request goes through on its way to the
// network. It knows HTTP and nothing of OpenStack.
//
// From the caller to the network a request passes
//
//   - redirects (redirect.go): followed on the same host only, and never into
//     another method;
//   - retries (retry.go): sent again after a transient failure, where that cannot
//     do anything twice, and after a rate limit;
//   - limits (limit.go, pace.go): so many at a time, so many a second, and at the
//     pace that the cloud has asked for;
//   - whole answers (answer.go): all of an answer or an error, within the timeout;
//   - the log (log.go).
//
// The context of a request may carry [Options], which say how it differs from others.
package transport
