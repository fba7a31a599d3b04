package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/float64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/framework"
	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/transport"
)

// providerModel is the provider block.
type providerModel struct {
	Cloud                       types.String  `tfsdk:"cloud"`
	AuthURL                     types.String  `tfsdk:"auth_url"`
	Region                      types.String  `tfsdk:"region"`
	UserName                    types.String  `tfsdk:"user_name"`
	UserID                      types.String  `tfsdk:"user_id"`
	Password                    types.String  `tfsdk:"password"`
	Token                       types.String  `tfsdk:"token"`
	ProjectID                   types.String  `tfsdk:"project_id"`
	ProjectName                 types.String  `tfsdk:"project_name"`
	UserDomainID                types.String  `tfsdk:"user_domain_id"`
	UserDomainName              types.String  `tfsdk:"user_domain_name"`
	ProjectDomainID             types.String  `tfsdk:"project_domain_id"`
	ProjectDomainName           types.String  `tfsdk:"project_domain_name"`
	DomainID                    types.String  `tfsdk:"domain_id"`
	DomainName                  types.String  `tfsdk:"domain_name"`
	ApplicationCredentialID     types.String  `tfsdk:"application_credential_id"`
	ApplicationCredentialName   types.String  `tfsdk:"application_credential_name"`
	ApplicationCredentialSecret types.String  `tfsdk:"application_credential_secret"`
	EndpointType                types.String  `tfsdk:"endpoint_type"`
	EndpointOverrides           types.Map     `tfsdk:"endpoint_overrides"`
	Insecure                    types.Bool    `tfsdk:"insecure"`
	CACertFile                  types.String  `tfsdk:"cacert_file"`
	Cert                        types.String  `tfsdk:"cert"`
	Key                         types.String  `tfsdk:"key"`
	MaxRetries                  types.Int64   `tfsdk:"max_retries"`
	RequestTimeout              types.String  `tfsdk:"request_timeout"`
	MaxConcurrentRequests       types.Int64   `tfsdk:"max_concurrent_requests"`
	RequestsPerSecond           types.Float64 `tfsdk:"requests_per_second"`
	DefaultMetadata             types.Map     `tfsdk:"default_metadata"`
	IgnoreMetadata              types.Object  `tfsdk:"ignore_metadata"`
	DeletionPolicy              types.String  `tfsdk:"deletion_policy"`
}

func providerSchema() schema.Schema {
	attributes := map[string]schema.Attribute{
		"cloud": schema.StringAttribute{
			MarkdownDescription: "Entry of `clouds.yaml` for settings that neither this block nor the environment has; an entry that cannot be used is an error. " +
				"Also `OS_CLOUD`, which is ignored if this block has all settings for a sign-in. " +
				"The guide to [authentication](https://registry.terraform.io/providers/istack/istack/latest/docs/guides/authentication#cloudsyaml) describes how the files are found and read.",
			Optional: true,
		},
		"endpoint_overrides": schema.MapAttribute{
			MarkdownDescription: "Base URLs to use instead of the service catalogue's, by service type (`" +
				strings.Join(openstack.VolumeServiceTypes(), "`, `") + "`; the first of these that is set is used). " +
				"A URL has both the API version and the project id, or the placeholder `%(project_id)s` for it, or neither, in which case the provider adds them; " +
				"one with a version alone is used as it is, which needs a Cinder with API 3.67 or later. " +
				"Also `OS_BLOCK_STORAGE_ENDPOINT_OVERRIDE`, `OS_VOLUMEV3_ENDPOINT_OVERRIDE`, `OS_VOLUMEV2_ENDPOINT_OVERRIDE` or " +
				"`OS_VOLUME_ENDPOINT_OVERRIDE`, the first of these that is set; in `clouds.yaml`, the same names without `OS_`.",
			ElementType: types.StringType,
			Optional:    true,
			Validators: []validator.Map{
				mapvalidator.KeysAre(stringvalidator.OneOf(openstack.VolumeServiceTypes()...)),
				mapvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1)),
			},
		},
		"insecure": schema.BoolAttribute{
			MarkdownDescription: "Accept any TLS certificate. Default: `false`. Also `OS_INSECURE`, or in `clouds.yaml` `verify: false` or `insecure: true`.",
			Optional:            true,
		},
		"max_retries": schema.Int64Attribute{
			MarkdownDescription: fmt.Sprintf("How often a request is sent again after a transient failure: a broken connection, the status 408, or a status from 500 on "+
				"other than 501, 505 and 511. With `0` nothing is sent again; at most 100. The pauses grow, or are as long as the cloud asks for in `Retry-After`; more than %d minutes is an error. "+
				"A rate limit (429) is no failure and does not count: the request is sent again for as long as the operation has time. A sign-in has two minutes, retries included. "+
				"The request that makes a snapshot is never repeated blindly: the provider first looks whether the snapshot exists. Default: `%d`.", int(transport.MaxPause.Minutes()), transport.DefaultMaxRetries),
			Optional:   true,
			Validators: []validator.Int64{int64validator.Between(0, 100)},
		},
		"request_timeout": schema.StringAttribute{
			MarkdownDescription: fmt.Sprintf("How long one request may take, up to the last byte of its answer, as a duration such as `30s`. Default: `%s`.",
				transport.DefaultRequestTimeout),
			Optional:   true,
			Validators: []validator.String{duration},
		},
		"max_concurrent_requests": schema.Int64Attribute{
			MarkdownDescription: fmt.Sprintf("Maximum number of concurrent requests, from 1 to %d, for all regions, resources and data sources of this "+
				"provider block and the sign-in together. Other requests wait for their turn, first come, first served. The wait does not count towards `request_timeout`, but "+
				"towards the `timeouts` of a resource. Default: `%d`.", maxConcurrency, transport.DefaultMaxConcurrentRequests),
			Optional:   true,
			Validators: []validator.Int64{int64validator.Between(1, maxConcurrency)},
		},
		"requests_per_second": schema.Float64Attribute{
			MarkdownDescription: fmt.Sprintf("Maximum number of requests per second, at least `%v`; `0.5` is one every two seconds. Retries count too, and "+
				"other requests wait as for `max_concurrent_requests`. Use it for a cloud that answers many requests with 429. Default: no limit.", minRate),
			Optional:   true,
			Validators: []validator.Float64{float64validator.AtLeast(minRate)},
		},
		"default_metadata": schema.MapAttribute{
			MarkdownDescription: "Metadata for every snapshot. A resource's own `metadata` has precedence. Drift of these keys is corrected, and a key that " +
				"you remove from this map is removed from the snapshots.",
			ElementType: types.StringType,
			Optional:    true,
			Validators:  defaultMetadataRules(),
		},
		"ignore_metadata": schema.SingleNestedAttribute{
			MarkdownDescription: "Metadata keys that belong to somebody else, such as a backup tool. They are never written or removed, and an import " +
				"leaves them out of `metadata`. It must be known while planning.",
			Optional: true,
			Attributes: map[string]schema.Attribute{
				"keys":         ignored("Whole keys."),
				"key_prefixes": ignored("Beginnings of keys."),
			},
		},
		"deletion_policy": schema.StringAttribute{
			MarkdownDescription: "The `deletion_policy` of resources that do not set one: `delete`, `retain` or `prevent`. Default: `delete`.",
			Optional:            true,
			Validators:          framework.DeletionPolicyValidators(),
		},
	}
	for _, s := range settings {
		if s.value == nil {
			continue
		}
		attribute := schema.StringAttribute{
			MarkdownDescription: s.description + " Also `" + strings.Join(s.env, "`, `") + "`.",
			Optional:            true,
			Sensitive:           s.sensitive,
		}
		if s.attribute == "endpoint_type" {
			attribute.Validators = []validator.String{endpointType}
		}
		attributes[s.attribute] = attribute
	}
	return schema.Schema{
		MarkdownDescription: "Volume snapshots on iStack, and on any other cloud with OpenStack's block storage API (Cinder, v3 or v2).\n\n" +
			"Settings that this block leaves out come from the environment (`OS_*`), then from the chosen entry of `clouds.yaml`, then from the defaults.",
		Attributes: attributes,
	}
}

const (
	// maxConcurrency is more than any API server works on at a time.
	maxConcurrency = 1000
	// minRate is a request every ten seconds. With less, a sign-in behind the
	// requests of ten operations would take longer than it may.
	minRate = 0.1
)

func ignored(description string) schema.SetAttribute {
	return schema.SetAttribute{
		MarkdownDescription: description,
		ElementType:         types.StringType,
		Optional:            true,
		Validators:          ignoredValidators(),
	}
}

// ignoredValidators refuse what would ignore everything without a word: an empty
// prefix, and null, which is read as one.
func ignoredValidators() []validator.Set {
	return []validator.Set{setvalidator.NoNullValues(), setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))}
}

// text refuses a text that is not of some form. Unlike the validators of the framework it
// does not quote the text, which may be a secret in the wrong place.
type text struct {
	form  string
	valid func(string) bool
}

func (t text) Description(context.Context) string { return t.form }

func (t text) MarkdownDescription(context.Context) string { return t.form }

func (t text) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !req.ConfigValue.IsNull() && !req.ConfigValue.IsUnknown() && !t.valid(req.ConfigValue.ValueString()) {
		resp.Diagnostics.AddAttributeError(req.Path, "Unusable provider setting", fmt.Sprintf("%s is not %s.", req.Path, t.form))
	}
}

var (
	duration = text{"a duration longer than zero, such as 30s or 2m", func(value string) bool {
		d, err := time.ParseDuration(value)
		return err == nil && d > 0
	}}
	endpointType = text{"one of " + strings.Join(openstack.EndpointTypes(), ", "), func(value string) bool {
		return slices.Contains(openstack.EndpointTypes(), value)
	}}
)
