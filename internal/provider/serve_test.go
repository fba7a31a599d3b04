package provider

import (
	"context"
	"errors"
	"reflect"
	"runtime"
	"runtime/debug"
	"testing"
	"weak"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

type load [1 << 20]byte

type loadKey struct{}

// validated makes a call whose context holds something large, and gives a weak
// pointer to that.
func validated(t *testing.T, server tfprotov6.ProviderServer) weak.Pointer[load] {
	t.Helper()
	heavy := &load{}
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), loadKey{}, heavy))
	defer cancel()
	_, err := server.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{TypeName: "istack_volume_snapshot"})
	if err != nil {
		t.Fatal(err)
	}
	return weak.Make(heavy)
}

func TestServerLetsGo(t *testing.T) {
	t.Parallel()
	kept, freed := NewServer("test", false), NewServer("test", true)
	inKept, inFreed := validated(t, kept), validated(t, freed)
	runtime.GC()
	if inFreed.Value() != nil {
		t.Error("the context of a call that has ended is still there")
	}
	if inKept.Value() == nil {
		t.Error("the framework lets go by itself: releasingServer is not needed any more")
	}
	runtime.KeepAlive(kept)
	runtime.KeepAlive(freed)
}

// The context of a call ends with the caller's, and with the call.
func TestReleasedContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), loadKey{}, "value"))
	var during context.Context
	answer, err := released(ctx, 7, func(ctx context.Context, request int) (int, error) {
		during = ctx
		if ctx.Err() != nil || ctx.Value(loadKey{}) != nil {
			t.Error("it has ended, or holds something")
		}
		cancel()
		<-ctx.Done()
		return request, nil
	})
	if err != nil || answer != 7 || !errors.Is(during.Err(), context.Canceled) {
		t.Errorf("%d, %v, %v", answer, err, during.Err())
	}
	_, _ = released(t.Context(), 7, func(ctx context.Context, _ int) (int, error) { during = ctx; return 0, nil })
	if during.Err() == nil {
		t.Error("it has not ended with the call")
	}
}

// Terraform asks by type assertion what a server can do beside the protocol's core.
func TestServesAllThatTheFrameworkDoes(t *testing.T) {
	t.Parallel()
	can := reflect.TypeOf(providerserver.NewProtocol6(New("test")())())
	for _, quiet := range []bool{false, true} {
		served := reflect.TypeOf(NewServer("test", quiet))
		for i := range can.NumMethod() {
			name := can.Method(i).Name
			if _, ok := served.MethodByName(name); !ok {
				t.Errorf("quiet %t: %s is not served", quiet, name)
			}
		}
	}
}

func TestSetGCPercent(t *testing.T) {
	was := debug.SetGCPercent(100)
	defer debug.SetGCPercent(was)
	t.Setenv("GOGC", "50")
	SetGCPercent()
	if got := debug.SetGCPercent(100); got != 100 {
		t.Errorf("GOGC was set, and became %d", got)
	}
	t.Setenv("GOGC", "")
	SetGCPercent()
	if got := debug.SetGCPercent(100); got != 400 {
		t.Errorf("it became %d", got)
	}
}
