package framework

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Codec reads and writes models of objects with the attributes of a schema, without
// the framework's reflection. That compiles a regular expression for each field each
// time, which was a quarter of the provider's CPU in a plan (issue 725 of
// terraform-plugin-framework, open). When the issue is closed, [tfsdk.State.Get] and
// its like can take the place of this.
type Codec struct {
	attributes map[string]attr.Type
	object     tftypes.Type
}

// NewCodec returns the codec for the attributes of a schema.
func NewCodec[A interface{ GetType() attr.Type }](attributes map[string]A) Codec {
	kinds := make(map[string]attr.Type, len(attributes))
	for name, attribute := range attributes {
		kinds[name] = attribute.GetType()
	}
	return Codec{kinds, types.ObjectType{AttrTypes: kinds}.TerraformType(context.Background())}
}

// Bindings are the variables of a model by the names of their attributes; see
// [Bind].
type Bindings map[string]binding

type binding interface {
	get() attr.Value
	set(attr.Value) bool
}

type bindingOf[T attr.Value] struct{ place *T }

// Bind returns the binding of a variable.
func Bind[T attr.Value](place *T) bindingOf[T] { return bindingOf[T]{place} }

func (b bindingOf[T]) get() attr.Value { return *b.place }

func (b bindingOf[T]) set(value attr.Value) bool {
	typed, ok := value.(T)
	if ok {
		*b.place = typed
	}
	return ok
}

// Read puts the values of an object into the model. A null object, such as the
// state of what does not exist yet, leaves the model as it is.
func (c Codec) Read(ctx context.Context, raw tftypes.Value, model Bindings) diag.Diagnostics {
	var diags diag.Diagnostics
	if raw.IsNull() {
		return diags
	}
	var values map[string]tftypes.Value
	if err := raw.As(&values); err != nil {
		diags.AddError("Unreadable object", bug(err))
		return diags
	}
	for name, kind := range c.attributes {
		value, err := kind.ValueFromTerraform(ctx, values[name])
		if err == nil && (model[name] == nil || !model[name].set(value)) {
			err = fmt.Errorf("the model has no place for %T", value)
		}
		if err != nil {
			diags.AddAttributeError(path.Root(name), "Unreadable attribute", bug(err))
		}
	}
	return diags
}

// Clear sets all variables of the model to null.
func (c Codec) Clear(ctx context.Context, model Bindings) diag.Diagnostics {
	nothing := make(map[string]tftypes.Value, len(c.attributes))
	for name, kind := range c.attributes {
		nothing[name] = tftypes.NewValue(kind.TerraformType(ctx), nil)
	}
	return c.Read(ctx, tftypes.NewValue(c.object, nothing), model)
}

// Write makes an object of the model.
func (c Codec) Write(ctx context.Context, model Bindings) (tftypes.Value, diag.Diagnostics) {
	var diags diag.Diagnostics
	values := make(map[string]tftypes.Value, len(c.attributes))
	for name := range c.attributes {
		err := fmt.Errorf("the model has no place for it")
		if model[name] != nil {
			values[name], err = model[name].get().ToTerraformValue(ctx)
		}
		if err != nil {
			diags.AddAttributeError(path.Root(name), "Unwritable attribute", bug(err))
		}
	}
	if diags.HasError() {
		return tftypes.Value{}, diags
	}
	if err := tftypes.ValidateValue(c.object, values); err != nil {
		diags.AddError("Unwritable object", bug(err))
		return tftypes.Value{}, diags
	}
	return tftypes.NewValue(c.object, values), diags
}

func bug(err error) string { return err.Error() + ". This is a bug in the provider; please report it." }
