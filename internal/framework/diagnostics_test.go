package framework

import (
	"context"
	"crypto/x509"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/transport"
)

// The advice fits the cause, also where the same status or the same context is
// at the root of several.
func TestAdvice(t *testing.T) {
	t.Parallel()
	sign := func(method openstack.Method, err error) *openstack.SignInError {
		return &openstack.SignInError{AuthURL: "https://keystone.example.com/v3", Method: method, Who: `user "u"`, Err: err}
	}
	identity := func(status int) error {
		return &openstack.APIError{Method: http.MethodPost, Path: "/v3/auth/tokens", Status: status, Kind: "error", Message: "No.", RequestID: "req-1"}
	}
	refused := func(method openstack.Method) error { return sign(method, identity(http.StatusUnauthorized)) }
	token := func(status int, scoped, renewal bool) error {
		err := sign(openstack.MethodToken, identity(status))
		err.Scoped, err.Renewal = scoped, renewal
		return err
	}
	other := func(answer openstack.APIError, lacks string) error {
		answer.Method, answer.Path = http.MethodPost, "/v3/auth/tokens"
		return sign(openstack.MethodPassword, &openstack.NotIdentityError{Answer: answer, Lacks: lacks})
	}
	connection := func(fault transport.TLSFault, err error) error {
		return &transport.TLSError{Host: "keystone.example.com", Fault: fault, Err: err}
	}
	request := func(err error) error {
		return &openstack.TransportError{Method: http.MethodGet, Path: "/v3/snapshots", Err: err}
	}
	turn := func(setting string, value float64, end error) error {
		return &openstack.TransportError{
			Method: http.MethodGet, Path: "/v3/snapshots",
			Err: &transport.TurnError{Setting: setting, Value: value, Waited: 20 * time.Second, Err: end},
		}
	}
	for name, row := range map[string]struct {
		err       error
		has, lack []string
	}{
		"password refused":   {refused(openstack.MethodPassword), []string{"refused the sign-in by password (user \"u\").\n", "user_name or user_id, password,", "OS_USERNAME, OS_USER_ID, OS_PASSWORD", "The API says: No.", "Request id: req-1"}, []string{"OS_TOKEN", "secret"}},
		"token refused":      {refused(openstack.MethodToken), []string{"OS_TOKEN", "openstack token issue"}, []string{"OS_USERNAME", "secret", "project_id"}},
		"credential refused": {refused(openstack.MethodApplicationCredential), []string{"sign-in by application credential (user \"u\").\n", "OS_APPLICATION_CREDENTIAL_ID", "OS_APPLICATION_CREDENTIAL_SECRET"}, []string{"OS_USERNAME", "OS_TOKEN"}},
		"a delegated token, to be given a project": {
			token(http.StatusForbidden, true, false),
			[]string{"refused the sign-in by token", "application credential, a trust or OAuth", "leave out project_id, project_name", "OS_PROJECT_ID, OS_PROJECT_NAME"},
			[]string{"Make a new one"},
		},
		"a token refused, with a project": {
			token(http.StatusUnauthorized, true, false), []string{"may have expired", "OS_TOKEN", "leave out project_id"}, []string{"OS_USERNAME"},
		},
		"a token that has ended": {
			token(http.StatusUnauthorized, false, true),
			[]string{"was accepted by the Identity service at https://keystone.example.com/v3 before, and is no longer", "expired or been revoked", "sign in by password or by application credential"},
			[]string{"refused the sign-in", "leave out project_id", "Check auth_url"},
		},
		"a token that has ended, with a project": {
			token(http.StatusNotFound, true, true), []string{"is no longer", "OS_TOKEN"}, []string{"leave out project_id"},
		},
		"a password that is no longer accepted": {
			func() error { err := sign(openstack.MethodPassword, identity(401)); err.Renewal = true; return err }(), []string{"refused the sign-in by password"}, []string{"token was accepted"},
		},
		"Keystone has a problem": {
			sign(openstack.MethodPassword, identity(http.StatusInternalServerError)), []string{"could not answer the sign-in by password", "a problem of its own"}, []string{"refused", "OS_PASSWORD"},
		},
		"Keystone is overrun": {
			sign(openstack.MethodPassword, identity(http.StatusTooManyRequests)), []string{"could not answer", "limits how many requests"}, []string{"refused", "OS_PASSWORD"},
		},
		"a page for an answer": {
			other(openstack.APIError{Status: http.StatusOK}, "the JSON of the API"),
			[]string{
				"What answered the sign-in by password to https://keystone.example.com/v3 is not the Identity service (Keystone).\n",
				"POST /v3/auth/tokens was answered with 200 OK, without the JSON of the API.", "Nothing is known about the credentials", "OS_AUTH_URL",
			},
			[]string{"refused", "OS_PASSWORD"},
		},
		"a bare 404": {
			other(openstack.APIError{Status: http.StatusNotFound}, ""), []string{"is not the Identity service (Keystone)", "404 Not Found.", "OS_AUTH_URL"}, []string{"refused", "OS_PASSWORD"},
		},
		"a sign-in redirected": {
			other(openstack.APIError{Status: http.StatusFound, Location: "https://portal.example.com/login"}, ""),
			[]string{"302 Found, a redirect to https://portal.example.com/login.", "not sent on", "OS_AUTH_URL"},
			[]string{"refused"},
		},
		"a request redirected": {
			&openstack.APIError{Method: http.MethodGet, Path: "/v3/snapshots", Status: http.StatusMovedPermanently, Location: "https://cinder.example.com/v3/snapshots"},
			[]string{"301 Moved Permanently, a redirect to https://cinder.example.com/v3/snapshots.", "endpoint_overrides", "not sent on"},
			nil,
		},
		"another project in the URL": {
			&openstack.APIError{Method: http.MethodGet, Path: "/v3/p/snapshots", Status: http.StatusBadRequest, Kind: "badRequest", Message: "Malformed request url"},
			[]string{"another project than that of the sign-in", "endpoint_overrides", "project_id"},
			nil,
		},
		"another factor": {
			sign(openstack.MethodPassword, &openstack.APIError{Method: http.MethodPost, Path: "/v3/auth/tokens", Status: http.StatusUnauthorized, Kind: openstack.KindReceipt}),
			[]string{"must give another factor", "application credential"},
			[]string{"OS_PASSWORD"},
		},
		"a gateway": {
			&openstack.APIError{Method: http.MethodGet, Path: "/v3/p/snapshots", Status: http.StatusBadGateway},
			[]string{"A gateway or proxy"},
			[]string{"request id"},
		},
		"a firewall": {
			&openstack.APIError{Method: http.MethodGet, Path: "/v3/p/snapshots", Status: http.StatusForbidden},
			[]string{"Something else may have answered"},
			[]string{"role"},
		},
		"access rules": {
			&openstack.APIError{Method: http.MethodDelete, Path: "/v3/p/snapshots/x", Status: http.StatusUnauthorized, Kind: "error"},
			[]string{"access rules must allow"},
			[]string{"enabled"},
		},
		"a certificate that moves the cursor": {
			request(connection(transport.CertificateRefused, errors.New("not valid for \x1b[2Jdone\u202e\u2028"))), []string{"[2Jdone"}, []string{"\x1b", "\u202e", "\u2028"},
		},
		"an unusable auth_url": {
			sign(openstack.MethodPassword, &transport.ConfigError{Setting: "auth_url", Err: errors.New("not an http or https URL")}),
			[]string{"auth_url: not an http or https URL."},
			[]string{"network"},
		},
		"Keystone out of reach": {
			sign(openstack.MethodPassword, errors.New("dial tcp: i/o timeout")), []string{"Signing in to https://keystone.example.com/v3", "OS_AUTH_URL", "network"}, []string{"cacert_file"},
		},
		"unknown authority, sign-in": {
			sign(openstack.MethodPassword, connection(transport.CertificateRefused, x509.UnknownAuthorityError{})), []string{"cacert_file of the provider (OS_CACERT)"}, []string{"auth_url of", "network"},
		},
		"unknown authority": {
			request(connection(transport.CertificateRefused, x509.UnknownAuthorityError{})), []string{"cacert_file of the provider (OS_CACERT)"}, []string{"auth_url", "network"},
		},
		"another name in the certificate, sign-in": {
			sign(openstack.MethodPassword, connection(transport.CertificateRefused, x509.HostnameError{Certificate: &x509.Certificate{}})), []string{"host that the certificate is for in auth_url of the provider (OS_AUTH_URL)"}, []string{"cacert_file"},
		},
		"another name in the certificate": {
			request(connection(transport.CertificateRefused, x509.HostnameError{Certificate: &x509.Certificate{}})), []string{"host that the certificate is for in endpoint_overrides"}, []string{"auth_url", "cacert_file"},
		},
		"an expired certificate": {
			request(connection(transport.CertificateRefused, x509.CertificateInvalidError{Reason: x509.Expired})), []string{"the clock", "renew"}, []string{"cacert_file"},
		},
		"another fault of the certificate": {
			request(connection(transport.CertificateRefused, x509.CertificateInvalidError{Reason: x509.NotAuthorizedToSign})), []string{"cacert_file"}, []string{"renew"},
		},
		"a client certificate is wanted": {
			sign(openstack.MethodToken, connection(transport.HandshakeRefused, errors.New("remote error: tls: certificate required"))), []string{"cert and key of the provider (OS_CERT, OS_KEY)"}, nil,
		},
		"no HTTPS": {
			sign(openstack.MethodToken, connection(transport.PlainServer, errors.New("x"))), []string{"keystone.example.com does not speak HTTPS", "http://", "auth_url of the provider (OS_AUTH_URL)"}, []string{"cacert_file"},
		},
		"HTTPS only": {
			sign(openstack.MethodToken, connection(transport.PlainRequest, errors.New("x"))), []string{"speaks HTTPS only", "Write https:// in auth_url"}, []string{"cacert_file"},
		},
		"an error without text": {errors.New(""), []string{"Trying failed.\n\nThe error says nothing of itself (*errors.errorString)"}, nil},
		"too many at a time": {
			turn("max_concurrent_requests", 2, context.DeadlineExceeded),
			[]string{"timed out after 20s", "since max_concurrent_requests is 2.\n", "as its max_concurrent_requests says", "timeouts"},
			[]string{"requests_per_second", "the network"},
		},
		"too fast": {
			turn("requests_per_second", 0.5, context.DeadlineExceeded),
			[]string{"since requests_per_second is 0.5.\n", "as its requests_per_second says"},
			[]string{"max_concurrent_requests", "the network"},
		},
		"interrupted in the line": {
			turn("requests_per_second", 0.5, context.Canceled), []string{"interrupted after 20s", "The run was interrupted."}, []string{"Raise"},
		},
		"pause": {
			turn("", 0, context.DeadlineExceeded),
			[]string{"since the cloud had asked for a pause", "The cloud limits how many requests it takes", "requests_per_second"},
			[]string{"Raise"},
		},
		"timeout": {
			&openstack.TransportError{Method: http.MethodGet, Err: context.DeadlineExceeded}, []string{"Apply again to go on"}, []string{"requests_per_second"},
		},
		"no answer": {&openstack.TransportError{Method: http.MethodGet, Err: errors.New("reset")}, []string{"the network"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			detail := Attempt{Summary: "Unable", Tried: "Trying"}.Failed(row.err).Detail()
			for _, text := range row.has {
				if !strings.Contains(detail, text) {
					t.Errorf("it does not say %q:\n%s", text, detail)
				}
			}
			for _, text := range row.lack {
				if strings.Contains(detail, text) {
					t.Errorf("it says %q:\n%s", text, detail)
				}
			}
		})
	}
}

func TestSentence(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                      "",
		" \n":                   "",
		"a":                     "A.",
		"no answer":             "No answer.",
		"it has ended.":         "It has ended.",
		"été":                   "Été.",
		"\xff":                  "\uFFFD.",
		"cacert_file: no PEM":   "cacert_file: no PEM.",
		"key: no PEM":           "key: no PEM.",
		"auth_url is no URL":    "auth_url is no URL.",
		"keystone:5000 is away": "keystone:5000 is away.",
		"GET /v3: 404":          "GET /v3: 404.",
	} {
		if got := Sentence(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

// What an operation leaves behind does not hide what is wrong with the sign-in.
func TestAdviceOfAnOperationAndOfTheSignIn(t *testing.T) {
	t.Parallel()
	err := &openstack.SignInError{
		Method: openstack.MethodToken, Renewal: true,
		Err: &openstack.APIError{Status: http.StatusUnauthorized, Kind: "error"},
	}
	attempt := Attempt{Summary: "Unable", Tried: "Waiting", Advice: "The snapshot is kept in the state."}
	detail := attempt.Failed(err).Detail()
	for _, want := range []string{attempt.Advice, "\n\nMake a new one (openstack token issue)"} {
		if !strings.Contains(detail, want) {
			t.Errorf("it does not say %q:\n%s", want, detail)
		}
	}
	if detail := attempt.Failed(&openstack.APIError{Status: http.StatusServiceUnavailable}).Detail(); !strings.HasSuffix(detail, attempt.Advice) {
		t.Errorf("advice of two kinds:\n%s", detail)
	}
}
