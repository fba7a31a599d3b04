package provider

import (
	"context"
	"runtime"
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
	kept := providerserver.NewProtocol6(New("test")())()
	freed := releasingServer{providerserver.NewProtocol6(New("test")())()}
	inKept, inFreed := validated(t, kept), validated(t, freed)
	runtime.GC()
	if inFreed.Value() != nil {
		t.Error("the context of a call that has ended is still there")
	}
	if inKept.Value() == nil {
		t.Error("the framework lets go by itself: leanServer is not needed any more")
	}
	runtime.KeepAlive(kept)
	runtime.KeepAlive(freed)
}

// While a call lasts its context is whole.
func TestLeanContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), loadKey{}, "value"))
	var child, lasting context.Context
	_, err := released(ctx, 7, func(ctx context.Context, request int) (int, error) {
		var stop context.CancelFunc
		child, stop = context.WithCancel(ctx)
		defer stop()
		lasting = context.WithoutCancel(ctx)
		if ctx.Value(loadKey{}) != "value" || child.Value(loadKey{}) != "value" || ctx.Err() != nil {
			t.Error("the context is not that of the call")
		}
		cancel()
		<-child.Done()
		if ctx.Err() == nil {
			t.Error("the end of the call does not show")
		}
		return request, nil
	})
	if err != nil || child.Err() == nil || lasting.Err() != nil || lasting.Value(loadKey{}) != nil {
		t.Error("the context has not ended as it should")
	}
}
