package transport

import (
	"bytes"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
)

// TLSError is a failure of TLS that would be the same the next time. The server has
// not acted on the request.
type TLSError struct {
	// Host is the server's, with its port where the URL has one.
	Host  string
	Fault TLSFault
	Err   error
}

// TLSFault is what is wrong with a connection.
type TLSFault int

const (
	// CertificateRefused says that the server's certificate was not accepted; Err
	// is or wraps an error of crypto/x509.
	CertificateRefused TLSFault = iota
	// HandshakeRefused says that the server ended the handshake, or accepts no client
	// certificate that it has seen, which TLS 1.3 tells after the handshake.
	HandshakeRefused
	// PlainServer says that the server of an https URL does not speak TLS.
	PlainServer
	// PlainRequest says that the server of an http URL speaks TLS only.
	PlainRequest
)

func (e *TLSError) Error() string {
	switch e.Fault {
	case PlainServer:
		return e.Host + " does not speak HTTPS: " + e.Err.Error()
	case PlainRequest:
		return e.Host + " speaks HTTPS only: " + e.Err.Error()
	case CertificateRefused, HandshakeRefused:
	}
	return "no TLS connection to " + e.Host + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *TLSError) Unwrap() error { return e.Err }

// refusesCertificate reports whether an alert (RFC 8446, section 6.2) is about the client's
// certificate. Only such alerts come after the handshake, as the client sees it, without
// the server having acted on the request. The type of an alert is internal to crypto/tls.
func refusesCertificate(alert error) bool {
	return slices.ContainsFunc([]tls.AlertError{42, 43, 44, 45, 46, 48, 49, 116}, func(code tls.AlertError) bool { return alert.Error() == code.Error() })
}

// withTLSFault returns a [*TLSError] if the error is a failure of TLS, and otherwise
// err. connected says that the handshake was over.
func withTLSFault(req *http.Request, err error, connected bool) error {
	var (
		op     *net.OpError
		record tls.RecordHeaderError
		fault  TLSFault
	)
	switch {
	case errors.As(err, new(*tls.CertificateVerificationError)):
		fault = CertificateRefused
	case !connected && errors.As(err, &record):
		fault = PlainServer
	case errors.As(err, &op) && op.Op == "remote error" && (!connected || refusesCertificate(op.Err)):
		fault = HandshakeRefused
	// What net/http shows here is the first bytes of a TLS alert, type 21 and the
	// major version 3.
	case req.URL.Scheme == "http" && strings.Contains(err.Error(), `malformed HTTP response "\x15\x03`):
		fault = PlainRequest
	default:
		return err
	}
	return &TLSError{Host: req.URL.Host, Fault: fault, Err: err}
}

// plainRequest returns a [*TLSError] if the answer is the one that Go, nginx or Apache
// httpd give to plain HTTP on a port for TLS, and otherwise nil.
func plainRequest(req *http.Request, status int, body []byte) error {
	if req.URL.Scheme != "http" || status != http.StatusBadRequest {
		return nil
	}
	for _, text := range []string{
		"Client sent an HTTP request to an HTTPS server",
		"The plain HTTP request was sent to HTTPS port",
		"speaking plain HTTP to an SSL-enabled server port",
	} {
		if bytes.Contains(body, []byte(text)) {
			return &TLSError{Host: req.URL.Host, Fault: PlainRequest, Err: errors.New("plain HTTP was answered with 400 Bad Request")}
		}
	}
	return nil
}
