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

// Object is the type of an object with the attributes of a schema. It reads and
// writes models without the framework's reflection, which compiles a regular
// expression for each field each time: a quarter of the provider's CPU in a plan.
type Object struct {
	attributes map[string]attr.Type
	object     tftypes.Type
}

// NewObject makes it for the attributes of a schema.
func NewObject[A interface{ GetType() attr.Type }](attributes map[string]A) Object {
	kinds := make(map[string]attr.Type, len(attributes))
	for name, attribute := range attributes {
		kinds[name] = attribute.GetType()
	}
	return Object{kinds, types.ObjectType{AttrTypes: kinds}.TerraformType(context.Background())}
}

// Fields gives the place of each attribute in a model; see [Field].
type Fields map[string]field

type field interface {
	get() attr.Value
	set(attr.Value) bool
}

type fieldOf[T attr.Value] struct{ place *T }

// Field is a place that holds values of one type.
func Field[T attr.Value](place *T) fieldOf[T] { return fieldOf[T]{place} }

func (f fieldOf[T]) get() attr.Value { return *f.place }

func (f fieldOf[T]) set(value attr.Value) bool {
	typed, ok := value.(T)
	if ok {
		*f.place = typed
	}
	return ok
}

// Read puts the values of an object into the model. A null object, such as the
// state of what does not exist yet, leaves the model as it is.
func (o Object) Read(ctx context.Context, raw tftypes.Value, model Fields) diag.Diagnostics {
	var diags diag.Diagnostics
	if raw.IsNull() {
		return diags
	}
	var values map[string]tftypes.Value
	if err := raw.As(&values); err != nil {
		diags.AddError("Unreadable object", bug(err))
		return diags
	}
	for name, kind := range o.attributes {
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

// Write makes an object of the model.
func (o Object) Write(ctx context.Context, model Fields) (tftypes.Value, diag.Diagnostics) {
	var diags diag.Diagnostics
	values := make(map[string]tftypes.Value, len(o.attributes))
	for name := range o.attributes {
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
	if err := tftypes.ValidateValue(o.object, values); err != nil {
		diags.AddError("Unwritable object", bug(err))
		return tftypes.Value{}, diags
	}
	return tftypes.NewValue(o.object, values), diags
}

func bug(err error) string { return err.Error() + ". This is a bug in the provider; please report it." }
