package provider

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// streaming is a server whose streams take their time, whatever stops it.
type streaming struct {
	frameworkServer
	takes time.Duration
	err   error
}

func (s streaming) InvokeAction(context.Context, *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	if s.err != nil {
		return nil, s.err
	}
	return &tfprotov6.InvokeActionServerStream{Events: func(func(tfprotov6.InvokeActionEvent) bool) { time.Sleep(s.takes) }}, nil
}

func (s streaming) ListResource(context.Context, *tfprotov6.ListResourceRequest) (*tfprotov6.ListResourceServerStream, error) {
	if s.err != nil {
		return nil, s.err
	}
	return &tfprotov6.ListResourceServerStream{Results: func(func(tfprotov6.ListResourceResult) bool) { time.Sleep(s.takes) }}, nil
}

func (s streaming) StopProvider(context.Context, *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	return &tfprotov6.StopProviderResponse{}, s.err
}

// acted and listed read a stream to its end.
func acted(t *testing.T, s *finishingServer) {
	stream, err := s.InvokeAction(t.Context(), nil)
	if err != nil {
		t.Error(err)
		return
	}
	stream.Events(func(tfprotov6.InvokeActionEvent) bool { return true })
}

func listed(t *testing.T, s *finishingServer) {
	stream, err := s.ListResource(t.Context(), nil)
	if err != nil {
		t.Error(err)
		return
	}
	stream.Results(func(tfprotov6.ListResourceResult) bool { return true })
}

// An interrupt waits for what is under way, and not for ever.
func TestAnInterruptLetsStreamsFinish(t *testing.T) {
	for name, row := range map[string]struct {
		takes   time.Duration
		streams []func(*testing.T, *finishingServer) // a second apart
		within  time.Duration                        // of the interrupt, which comes after the first second of the last
	}{
		"nothing":           {time.Minute, nil, 0},
		"an action":         {5 * time.Second, []func(*testing.T, *finishingServer){acted}, 4 * time.Second},
		"a listing":         {5 * time.Second, []func(*testing.T, *finishingServer){listed}, 4 * time.Second},
		"two":               {5 * time.Second, []func(*testing.T, *finishingServer){acted, listed}, 4 * time.Second},
		"what has ended":    {time.Second / 2, []func(*testing.T, *finishingServer){acted, acted}, 0},
		"what does not end": {time.Minute, []func(*testing.T, *finishingServer){acted}, finishing},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &finishingServer{frameworkServer: streaming{takes: row.takes}}
				for _, stream := range row.streams {
					go stream(t, s)
					time.Sleep(time.Second)
				}
				began := time.Now()
				if _, err := s.StopProvider(t.Context(), nil); err != nil {
					t.Error(err)
				}
				if took := time.Since(began); took != row.within {
					t.Errorf("the interrupt took %s, not %s", took, row.within)
				}
				time.Sleep(row.takes)
			})
		})
	}
}

// What the framework refuses, it refuses.
func TestStreamsThatDoNotBegin(t *testing.T) {
	refusal := errors.New("no")
	s := &finishingServer{frameworkServer: streaming{err: refusal}}
	_, action := s.InvokeAction(t.Context(), nil)
	_, listing := s.ListResource(t.Context(), nil)
	_, stop := s.StopProvider(t.Context(), nil)
	for _, err := range []error{action, listing, stop} {
		if !errors.Is(err, refusal) {
			t.Error(err)
		}
	}
}
