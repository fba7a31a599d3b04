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

func (m *model) bindings() framework.Bindings {
	return framework.Bindings{"name": framework.Bind(&m.Name), "size": framework.Bind(&m.Size), "tags": framework.Bind(&m.Tags)}
}

var object = framework.NewCodec(map[string]schema.Attribute{
	"name": schema.StringAttribute{}, "size": schema.Int64Attribute{}, "tags": schema.MapAttribute{ElementType: types.StringType},
})

func TestCodec(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]model{
		"null":    {types.StringNull(), types.Int64Null(), types.MapNull(types.StringType)},
		"unknown": {types.StringUnknown(), types.Int64Unknown(), types.MapUnknown(types.StringType)},
		"known": {types.StringValue(""), types.Int64Value(7), types.MapValueMust(types.StringType, map[string]attr.Value{
			"a": types.StringValue("1"), "b": types.StringUnknown(), "c": types.StringNull(),
		})},
	} {
		raw, diags := object.Write(t.Context(), want.bindings())
		var got model
		diags.Append(object.Read(t.Context(), raw, got.bindings())...)
		if diags.HasError() || !got.Name.Equal(want.Name) || !got.Size.Equal(want.Size) || !got.Tags.Equal(want.Tags) {
			t.Errorf("%s: %+v, %v", name, got, diags)
		}
	}
}

func TestCodecOfNull(t *testing.T) {
	t.Parallel()
	got := model{Name: types.StringValue("before")}
	diags := object.Read(t.Context(), tftypes.NewValue(tftypes.Object{}, nil), got.bindings())
	if diags.HasError() || got.Name.ValueString() != "before" {
		t.Errorf("%+v, %v", got, diags)
	}
}

// A schema and a model that do not fit are an error, not a crash or a loss.
func TestCodecWithAnotherModel(t *testing.T) {
	t.Parallel()
	m := model{Name: types.StringValue("n"), Size: types.Int64Value(1), Tags: types.MapNull(types.StringType)}
	raw, _ := object.Write(t.Context(), m.bindings())
	for name, fields := range map[string]framework.Bindings{
		"a place too few":   {"name": framework.Bind(&m.Name), "size": framework.Bind(&m.Size)},
		"of another type":   {"name": framework.Bind(&m.Name), "size": framework.Bind(&m.Name), "tags": framework.Bind(&m.Tags)},
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
