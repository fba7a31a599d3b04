package provider

import (
	"context"
	"iter"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// finishingServer gives actions and listings time to report that an interrupt has ended them. When StopProvider
// returns, plugin-go passes nothing on any more, and Terraform takes an action that says
// nothing for one that has succeeded, and the results of a listing for all there are.
type finishingServer struct {
	frameworkServer

	mu      sync.Mutex
	streams int
	last    chan struct{} // closed when the last stream has ended; nil while there is none
}

// finishing is how long an interrupt waits for them. A create that waits for the answer to its
// request takes up to ten seconds.
const finishing = 15 * time.Second

func (s *finishingServer) InvokeAction(ctx context.Context, req *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	stream, err := s.frameworkServer.InvokeAction(ctx, req)
	if err == nil {
		stream.Events = counted(s, stream.Events)
	}
	return stream, err
}

func (s *finishingServer) ListResource(ctx context.Context, req *tfprotov6.ListResourceRequest) (*tfprotov6.ListResourceServerStream, error) {
	stream, err := s.frameworkServer.ListResource(ctx, req)
	if err == nil {
		stream.Results = counted(s, stream.Results)
	}
	return stream, err
}

func counted[E any](s *finishingServer, stream iter.Seq[E]) iter.Seq[E] {
	return func(push func(E) bool) {
		s.begin()
		defer s.end()
		stream(push)
	}
}

func (s *finishingServer) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.streams++; s.streams == 1 {
		s.last = make(chan struct{})
	}
}

func (s *finishingServer) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.streams--; s.streams == 0 {
		close(s.last)
		s.last = nil
	}
}

func (s *finishingServer) StopProvider(ctx context.Context, req *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	// It ends the contexts of all calls.
	resp, err := s.frameworkServer.StopProvider(ctx, req)
	s.mu.Lock()
	last := s.last
	s.mu.Unlock()
	if last != nil {
		select {
		case <-last:
		case <-time.After(finishing):
		case <-ctx.Done():
		}
	}
	return resp, err
}
