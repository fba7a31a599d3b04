package transport

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

func (c Config) tlsConfig() (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	config.InsecureSkipVerify = c.Insecure //nolint:gosec // the user's explicit choice, with a warning
	if c.CACert != "" {
		pem, err := pemText(c.CACert)
		if err != nil {
			return nil, &ConfigError{"cacert_file", err}
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, &ConfigError{"cacert_file", errors.New("no PEM certificate in it")}
		}
	}
	if c.ClientCert == "" && c.ClientKey == "" {
		return config, nil
	}
	cert, err := pemText(c.ClientCert)
	if err != nil {
		return nil, &ConfigError{"cert", err}
	}
	key, err := pemText(cmp.Or(c.ClientKey, c.ClientCert))
	if err != nil {
		return nil, &ConfigError{"key", err}
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, &ConfigError{"cert", err}
	}
	config.Certificates = []tls.Certificate{pair}
	return config, nil
}

// pemText takes a path, or the text itself.
func pemText(pathOrText string) ([]byte, error) {
	if strings.HasPrefix(strings.TrimSpace(pathOrText), "-----BEGIN ") {
		return []byte(pathOrText), nil
	}
	data, err := os.ReadFile(pathOrText)
	if err != nil {
		// The text is left out: it may be a key without its first line.
		if named := new(fs.PathError); errors.As(err, &named) {
			err = named.Err
		}
		return nil, fmt.Errorf("neither PEM text nor the path of a file that can be read: %w", err)
	}
	return data, nil
}
