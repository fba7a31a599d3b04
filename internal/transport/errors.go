package transport

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ConfigError is a setting that cannot be used.
type ConfigError struct {
	// Setting is the name of the provider's attribute.
	Setting string
	Err     error
}

func (e *ConfigError) Error() string { return e.Setting + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *ConfigError) Unwrap() error { return e.Err }

// TurnError is a request that was never sent: its context ended while it waited
// for its turn.
type TurnError struct {
	// Setting is the provider's attribute that held it back, and Value what that
	// is set to; "" stands for a pause that the cloud had asked for.
	Setting string
	Value   float64
	// Waited is how long the wait took.
	Waited time.Duration
	// Err is context.DeadlineExceeded or context.Canceled.
	Err error
}

func (e *TurnError) Error() string {
	reason := "the cloud had asked for a pause"
	if e.Setting != "" {
		reason = fmt.Sprintf("%s is %v", e.Setting, e.Value)
	}
	return fmt.Sprintf("never sent: %s after %s of waiting for its turn, since %s", HowEnded(e.Err), Rounded(e.Waited), reason)
}

// Unwrap returns the context's error.
func (e *TurnError) Unwrap() error { return e.Err }

// Rounded rounds a duration to a tenth of a second, and one below a second to
// two digits.
func Rounded(d time.Duration) time.Duration {
	unit := 100 * time.Millisecond
	for unit > time.Nanosecond && d.Abs() < 10*unit {
		unit /= 10
	}
	return d.Round(unit)
}

// HowEnded says what ended a context.
func HowEnded(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "timed out"
	}
	return "interrupted"
}
