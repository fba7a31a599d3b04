package framework_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/istack/terraform-provider-istack/internal/framework"
)

type model struct {
	Name types.String
	Size types.Int64
	Tags types.Map
}

func (m *model) fields() framework.Fields {
	return framework.Fields{"name": framework.Field(&m.Name), "size": framework.Field(&m.Size), "tags": framework.Field(&m.Tags)}
}

var object = framework.NewObject(map[string]schema.Attribute{
	"name": schema.StringAttribute{}, "size": schema.Int64Attribute{}, "tags": schema.MapAttribute{ElementType: types.StringType},
})

func TestObject(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]model{
		"null":    {types.StringNull(), types.Int64Null(), types.MapNull(types.StringType)},
		"unknown": {types.StringUnknown(), types.Int64Unknown(), types.MapUnknown(types.StringType)},
		"known": {types.StringValue(""), types.Int64Value(7), types.MapValueMust(types.StringType, map[string]attr.Value{
			"a": types.StringValue("1"), "b": types.StringUnknown(), "c": types.StringNull(),
		})},
	} {
		raw, diags := object.Write(t.Context(), want.fields())
		var got model
		diags.Append(object.Read(t.Context(), raw, got.fields())...)
		if diags.HasError() || !got.Name.Equal(want.Name) || !got.Size.Equal(want.Size) || !got.Tags.Equal(want.Tags) {
			t.Errorf("%s: %+v, %v", name, got, diags)
		}
	}
}

func TestObjectThatIsNull(t *testing.T) {
	t.Parallel()
	got := model{Name: types.StringValue("before")}
	diags := object.Read(t.Context(), tftypes.NewValue(tftypes.Object{}, nil), got.fields())
	if diags.HasError() || got.Name.ValueString() != "before" {
		t.Errorf("%+v, %v", got, diags)
	}
}

// A schema and a model that do not fit are an error, not a crash or a loss.
func TestObjectWithAnotherModel(t *testing.T) {
	t.Parallel()
	m := model{Name: types.StringValue("n"), Size: types.Int64Value(1), Tags: types.MapNull(types.StringType)}
	raw, _ := object.Write(t.Context(), m.fields())
	for name, fields := range map[string]framework.Fields{
		"a place too few":   {"name": framework.Field(&m.Name), "size": framework.Field(&m.Size)},
		"of another type":   {"name": framework.Field(&m.Name), "size": framework.Field(&m.Name), "tags": framework.Field(&m.Tags)},
		"of no type at all": {},
	} {
		if diags := object.Read(t.Context(), raw, fields); !diags.HasError() {
			t.Errorf("%s: read without an error", name)
		}
		if _, diags := object.Write(t.Context(), fields); !diags.HasError() {
			t.Errorf("%s: written without an error", name)
		}
	}
}
