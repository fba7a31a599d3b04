package volumesnapshot

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/list/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/framework"
	"github.com/istack/terraform-provider-istack/internal/validators"
)

var (
	_ list.ListResourceWithConfigure      = (*snapshotList)(nil)
	_ list.ListResourceWithValidateConfig = (*snapshotList)(nil)
)

type snapshotList struct{ configured }

type listModel struct {
	selectionModel
	IncludeUnmanageable types.Bool     `tfsdk:"include_unmanageable"`
	Timeouts            timeouts.Value `tfsdk:"timeouts"`
}

// NewListResource makes the list resource istack_volume_snapshot.
func NewListResource() list.ListResource { return &snapshotList{} }

func (l *snapshotList) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_volume_snapshot"
}

func (l *snapshotList) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	l.ProviderData = framework.Configure(req.ProviderData, &resp.Diagnostics)
}

func (l *snapshotList) ListResourceConfigSchema(ctx context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	attributes := map[string]schema.Attribute{
		"include_unmanageable": schema.BoolAttribute{
			MarkdownDescription: "Also list snapshots that the resource cannot manage: members of a group snapshot, which can only be deleted with the group, and the " +
				"temporary snapshots that Cinder makes for itself. Default: `false`.",
			Optional: true,
		},
		"timeouts": listTimeoutsAttribute(ctx),
	}
	for name, attribute := range selectionAttributes() {
		attributes[name] = attribute
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Volume snapshots that exist, for `terraform query` (Terraform 1.14): the newest first, at most as many as the `limit` of the block, 100 by default. " +
			"All filters that are set must match. Snapshots that Terraform manages already are listed too; see `without_metadata`.",
		Attributes: attributes,
	}
}

// listTimeoutsAttribute is the attribute timeouts of the list resource; see
// [timeoutsAttribute].
func listTimeoutsAttribute(ctx context.Context) schema.Attribute {
	attribute := nested[schema.SingleNestedAttribute](timeouts.Attributes(ctx))
	attribute.MarkdownDescription = "How long the operation may take, as a duration such as `30s`, `10m` or `1h30m`."
	if all, ok := attribute.Attributes["list"].(schema.StringAttribute); ok {
		all.MarkdownDescription, all.Description = "How long all requests of the listing together may take. "+byDefault(readTimeout), ""
		all.Validators = append(all.Validators, validators.PositiveDuration())
		attribute.Attributes["list"] = all
	}
	return attribute
}

func (l *snapshotList) ValidateListResourceConfig(ctx context.Context, req list.ValidateConfigRequest, resp *list.ValidateConfigResponse) {
	model, diags := readListConfig(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(checkProject(model.ProjectID, model.AllProjects)...)
}

// List streams the snapshots that match. A page is read when its first snapshot is wanted.
func (l *snapshotList) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	model, diags := readListConfig(ctx, req.Config)
	timeout, more := model.Timeouts.List(ctx, readTimeout)
	if diags.Append(more...); diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	stream.Results = func(push func(list.ListResult) bool) {
		ctx, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		l.list(ctx, req, model, push)
	}
}

// list holds one result back, so that what is to be said of the whole listing comes with the
// last one: Terraform reads no further than its limit.
func (l *snapshotList) list(ctx context.Context, req list.ListRequest, model listModel, push func(list.ListResult) bool) {
	failed := func(err error) { push(list.ListResult{Diagnostics: diag.Diagnostics{searchFailed(err)}}) }
	snapshots := l.in(model.Region)
	region, err := snapshots.Region(ctx)
	if err != nil {
		failed(err)
		return
	}
	filter, diags := model.filter()
	if diags.HasError() {
		push(list.ListResult{Diagnostics: diags})
		return
	}
	filter.Independent = !model.IncludeUnmanageable.ValueBool()
	var last list.ListResult
	found := false
	var warnings diag.Diagnostics
	for snapshot, err := range snapshots.ListFirst(ctx, filter, int(req.Limit)) {
		if errors.Is(err, client.ErrLimit) {
			warnings.Append(listingCut(req.Limit))
			break
		}
		if found && !push(last) {
			return
		}
		if err != nil {
			failed(err)
			return
		}
		last, found = l.result(ctx, req, region, snapshot), true
	}
	l.WarnOfRegion(ctx, snapshots, &warnings)
	if last.Diagnostics.Append(warnings...); found || len(warnings) > 0 {
		push(last)
	}
}

// result returns what an import of the snapshot would bring into the state.
func (l *snapshotList) result(ctx context.Context, req list.ListRequest, region string, snapshot client.Snapshot) list.ListResult {
	result := req.NewListResult(ctx)
	result.DisplayName = displayName(snapshot)
	var nothing resourceModel
	result.Diagnostics.Append(resourceCodec().Clear(ctx, nothing.bindings())...)
	model := l.imported(flatten(region, snapshot), nothing)
	result.Diagnostics.Append(identify(ctx, result.Identity, model)...)
	if req.IncludeResource {
		raw, diags := resourceCodec().Write(ctx, model.bindings())
		result.Diagnostics.Append(diags...)
		result.Resource.Raw = raw
	}
	return result
}

// readListConfig reads the block config, which may be left out.
func readListConfig(ctx context.Context, config tfsdk.Config) (model listModel, diags diag.Diagnostics) {
	if !config.Raw.IsNull() {
		diags = config.Get(ctx, &model)
	}
	return model, diags
}

// displayName returns what a person knows a snapshot by: its name or volume, time and size.
func displayName(s client.Snapshot) string {
	parts := []string{"snapshot of volume " + s.VolumeID}
	if s.Name != "" {
		if parts[0] = s.Name; strings.ContainsFunc(s.Name, func(r rune) bool { return !unicode.IsPrint(r) }) {
			parts[0] = strconv.Quote(s.Name)
		}
	}
	if !s.CreatedAt.IsZero() {
		parts = append(parts, s.CreatedAt.UTC().Format(time.DateTime)+" UTC")
	}
	return strings.Join(append(parts, fmt.Sprintf("%d GiB", s.Size)), ", ")
}

func listingCut(limit int64) diag.Diagnostic {
	return diag.NewWarningDiagnostic("More volume snapshots match",
		fmt.Sprintf("These are the newest %d of the snapshots that match; there are more. Write a larger limit into the list block "+
			"(limit = %d), or narrow its filters.", limit, limit*10))
}
