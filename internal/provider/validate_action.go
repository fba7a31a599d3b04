package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// validatingServer validates and plans an action again when it is invoked. Terraform does
// both only before, with what is known then, and a value that is known later may be one
// that is refused: a null among the keys that protect a snapshot from a deletion.
type validatingServer struct{ frameworkServer }

func (s validatingServer) InvokeAction(ctx context.Context, req *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	validated, err := s.ValidateActionConfig(ctx, &tfprotov6.ValidateActionConfigRequest{ActionType: req.ActionType, Config: req.Config})
	if err != nil {
		return nil, err
	}
	if refused(validated.Diagnostics) {
		return completed(validated.Diagnostics), nil
	}
	planned, err := s.PlanAction(ctx, &tfprotov6.PlanActionRequest{ActionType: req.ActionType, Config: req.Config, ClientCapabilities: &tfprotov6.PlanActionClientCapabilities{}})
	if err != nil {
		return nil, err
	}
	if refused(planned.Diagnostics) {
		return completed(planned.Diagnostics), nil
	}
	return s.frameworkServer.InvokeAction(ctx, req)
}

func refused(diagnostics []*tfprotov6.Diagnostic) bool {
	return slices.ContainsFunc(diagnostics, func(d *tfprotov6.Diagnostic) bool { return d.Severity == tfprotov6.DiagnosticSeverityError })
}

// completed is the end of an action that has not begun.
func completed(diagnostics []*tfprotov6.Diagnostic) *tfprotov6.InvokeActionServerStream {
	return &tfprotov6.InvokeActionServerStream{Events: func(push func(tfprotov6.InvokeActionEvent) bool) {
		push(tfprotov6.InvokeActionEvent{Type: tfprotov6.CompletedInvokeActionEventType{Diagnostics: diagnostics}})
	}}
}
