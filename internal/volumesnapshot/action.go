package volumesnapshot

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/istack/terraform-provider-istack/internal/framework"
	"github.com/istack/terraform-provider-istack/internal/transport"
	"github.com/istack/terraform-provider-istack/internal/validators"
)

// actionsSince ends the description of each action.
const actionsSince = "\n\nActions need Terraform 1.14 or later; OpenTofu has none."

// snapshotAction is what the actions have in common. Its name is what follows
// istack_volume_snapshot_.
type snapshotAction struct {
	configured
	name string
}

func (a *snapshotAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_volume_snapshot_" + a.name
}

func (a *snapshotAction) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.ProviderData = framework.Configure(req.ProviderData, &resp.Diagnostics)
}

// beginAction reads the configuration of an action into its model, and returns the context that
// bounds the action, and how long that is. Errors are in resp.
func beginAction(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse, model any, limits *timeouts.Value, otherwise time.Duration) (context.Context, context.CancelFunc, time.Duration) {
	resp.Diagnostics.Append(req.Config.Get(ctx, model)...)
	timeout, diags := limits.Invoke(ctx, otherwise)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	return ctx, cancel, timeout
}

// sendTimeout is how long a message may take to Terraform, which is taken to have gone after
// that and gets no more.
const sendTimeout = 5 * time.Second

// progress tells whoever watches an action what it does. It is all that an action leaves, so what
// somebody has to know after a crash is said before the request that it is about.
type progress struct {
	mu   sync.Mutex
	send func(action.InvokeProgressEvent)
	gone bool
}

func newProgress(resp *action.InvokeResponse) *progress { return &progress{send: resp.SendProgress} }

func (p *progress) say(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone {
		return
	}
	// The framework sends without an end to it, also where nobody receives any more.
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		p.send(action.InvokeProgressEvent{Message: fmt.Sprintf(format, args...)})
	}()
	select {
	case <-sent:
	case <-time.After(sendTimeout):
		p.gone = true
	}
}

// reminder is how often a wait says that it goes on.
const reminder = 10 * time.Second

// during says every now and then what goes on, until that returns.
func (p *progress) during(what func() string, do func()) {
	began, done := time.Now(), make(chan struct{})
	var telling sync.WaitGroup
	telling.Go(func() {
		for {
			select {
			case <-time.After(reminder):
				p.say("Still %s after %s", what(), time.Since(began).Round(time.Second))
			case <-done:
				return
			}
		}
	})
	defer telling.Wait()
	defer close(done)
	do()
}

// took is how long something took, for a message.
func took(began time.Time) time.Duration { return transport.Rounded(time.Since(began)) }

func regionOfAction() schema.Attribute {
	return schema.StringAttribute{
		MarkdownDescription: "Region that the action works in. Default: the provider's.",
		Optional:            true,
		Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
	}
}

func snapshotIDOfAction(description string) schema.Attribute {
	return schema.StringAttribute{
		MarkdownDescription: description,
		Required:            true,
		Validators:          []validator.String{validators.UUID()},
	}
}

// actionTimeoutsAttribute is the attribute timeouts of an action; see [timeoutsAttribute].
func actionTimeoutsAttribute(ctx context.Context, otherwise time.Duration) schema.Attribute {
	attribute := nested[schema.SingleNestedAttribute](timeouts.Attributes(ctx))
	attribute.MarkdownDescription = "How long the action may take, as a duration such as `30s`, `10m` or `1h30m`."
	if invoke, ok := attribute.Attributes["invoke"].(schema.StringAttribute); ok {
		invoke.MarkdownDescription, invoke.Description = "How long the whole action may take. "+byDefault(otherwise), ""
		invoke.Validators = append(invoke.Validators, validators.PositiveDuration())
		attribute.Attributes["invoke"] = invoke
	}
	return attribute
}
