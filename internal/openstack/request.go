package openstack

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/istack/terraform-provider-istack/internal/transport"
)

// Do sends one request to a path below the endpoint, whose segments are escaped, and
// decodes the answer into result, unless that is nil. A token that the API refuses is
// renewed once, and a microversion that it does not have is replaced by the best that
// it has. In both cases the API has not acted on the first request, so that it is safe
// to send it again.
func (b *BlockStorage) Do(ctx context.Context, method, path string, query url.Values, body, result any) error {
	signed, at, err := b.open(ctx, nil)
	if err != nil {
		return err
	}
	for renewed, negotiated := false, false; ; {
		err := b.send(ctx, signed, at, method, path, query, body, result)
		if HasStatus(err, http.StatusNotAcceptable) && !negotiated {
			changed, failed := b.negotiate(ctx, signed, at)
			if !HasStatus(failed, http.StatusUnauthorized) {
				if negotiated = true; failed == nil && changed {
					continue
				}
				return cmp.Or(failed, err)
			}
			// The API checks the microversion before the token.
			err = failed
		}
		if renewed || !b.renew(ctx, &signed, &err) {
			return err
		}
		renewed = true
	}
}

// renew replaces a sign-in whose token is refused (401), and reports whether it did.
// If it could not, the error becomes that of the new sign-in.
func (b *BlockStorage) renew(ctx context.Context, signed **signedIn, err *error) bool {
	if !HasStatus(*err, http.StatusUnauthorized) {
		return false
	}
	newer, _, failed := b.open(ctx, *signed)
	if failed != nil {
		*err = failed
		return false
	}
	replaced := newer != *signed
	*signed = newer
	return replaced
}

func (b *BlockStorage) send(ctx context.Context, signed *signedIn, at *Endpoint, method, path string, query url.Values, body, result any) error {
	target := at.base + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	options := &gophercloud.RequestOpts{
		JSONBody:         body,
		KeepResponseBody: true,
		OkCodes:          successes,
	}
	if version := at.Microversion(); version != NoMicroversion {
		options.MoreHeaders = map[string]string{"OpenStack-API-Version": "volume " + version.String()}
	}
	err := b.roundTrip(ctx, signed, at, method, target, options, result)
	if err == nil || IsNotFound(err) {
		signed.accepted.Store(true)
	}
	return err
}

// successes are all statuses of success. Each of them says that the API has acted on
// the request.
var successes = func() (all []int) {
	for status := range 100 {
		all = append(all, 200+status)
	}
	return all
}()

// Empty is the result of a request whose answer must be empty. If it is not, it is that
// of a proxy, and the error wraps [ErrNotEmpty].
type Empty struct{}

// ErrNotEmpty says that an answer is not [Empty].
var ErrNotEmpty = errors.New("the answer is not the empty one that the API gives")

func (b *BlockStorage) roundTrip(ctx context.Context, signed *signedIn, at *Endpoint, method, target string, options *gophercloud.RequestOpts, result any) error {
	resp, err := signed.provider.Request(ctx, method, target, options)
	if err != nil {
		var unexpected gophercloud.ErrUnexpectedResponseCode
		if errors.As(err, &unexpected) {
			return apiError(method, urlPath(target), unexpected, signed.provider.Token())
		}
		return &TransportError{Method: method, Path: urlPath(target), Err: withoutURL(err)}
	}
	defer resp.Body.Close()
	at.clock.set(resp.Header, transport.Arrived(resp))
	if result == nil {
		return nil
	}
	if _, empty := result.(Empty); empty {
		if n, err := io.Copy(io.Discard, resp.Body); err != nil || n > 0 {
			return &TransportError{Method: method, Path: urlPath(target), Err: ErrNotEmpty}
		}
		return nil
	}
	if err := json.NewDecoder(resp.Body).Decode(result); err != nil {
		return &TransportError{Method: method, Path: urlPath(target), Err: fmt.Errorf("the answer is not the JSON that the API speaks: %w", err)}
	}
	return nil
}

// withoutURL removes the URL from an error of net/http: the error around it names it.
func withoutURL(err error) error {
	var urlError *url.Error
	if errors.As(err, &urlError) {
		return urlError.Err
	}
	return err
}

// urlPath returns the part of a URL that is shown in errors.
func urlPath(target string) string {
	u, err := url.Parse(target)
	if err != nil {
		return ""
	}
	return u.Path
}

// PathSegment escapes one segment of a path. The error is for a value that a server or
// proxy might read as another path even if it is escaped.
func PathSegment(kind, value string) (string, error) {
	if value == "" || value == "." || value == ".." || strings.ContainsAny(value, "/\\") {
		return "", fmt.Errorf("%q cannot be the %s of anything", value, kind)
	}
	return url.PathEscape(value), nil
}
