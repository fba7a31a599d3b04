package cinder

import (
	"net/http"

	"github.com/istack/terraform-provider-istack/internal/simulator/mariadb"
	"github.com/istack/terraform-provider-istack/internal/simulator/python"
)

// volumeType is a kind of volume. Those here are the ones of the cloud that was watched: nfs is the default, and
// a snapshot of an attached volume of that type fails, for the driver then needs Nova; fake does all.
type volumeType struct {
	id, name    string
	description *string
	backend     string // "" where none is named
	service     string // id of the service that holds its volumes
}

// VolumeTypes are the types of volumes, which regions share.
type VolumeTypes []*volumeType

// NewVolumeTypes returns those of the cloud that was watched.
func NewVolumeTypes() VolumeTypes {
	builtIn := "Default Volume Type"
	return VolumeTypes{
		{id: python.NewUUID(), name: "fake", backend: "fake", service: python.NewUUID()},
		{id: python.NewUUID(), name: "nfs", backend: "nfs", service: python.NewUUID()},
		{id: python.NewUUID(), name: "__DEFAULT__", description: &builtIn, service: python.NewUUID()},
	}
}

// named returns the type of a name, or nil.
func (t VolumeTypes) named(name string) *volumeType {
	for _, x := range t {
		if mariadb.Equal(x.name, name) {
			return x
		}
	}
	return nil
}

// find returns the type of a name or an id, or nil.
func (t VolumeTypes) find(ref string) *volumeType {
	for _, x := range t {
		if mariadb.Equal(x.id, ref) {
			return x
		}
	}
	return t.named(ref)
}

// fallback is the type of a volume whose request names none.
func (t VolumeTypes) fallback() *volumeType { return t.named("nfs") }

func (x *volumeType) identOrNil() *string {
	if x == nil {
		return nil
	}
	return &x.id
}

// volumeTypeView shows a type; only an administrator sees what it leads to.
func (c *call) volumeTypeView(x *volumeType) object {
	admin := c.token.IsAdmin()
	specs := object{}
	if admin && x.backend != "" {
		specs = object{{"volume_backend_name", x.backend}}
	}
	view := object{
		{"id", x.id},
		{"name", x.name},
		{"is_public", true},
		{"description", x.description},
	}
	if admin || !c.region.options.Release.hidesExtraSpecs {
		view = append(view, member{"extra_specs", specs})
	}
	if admin {
		view = append(view, member{"qos_specs_id", nil})
	}
	return view
}

func listTypes(c *call) (reply, error) {
	items := []object{}
	for _, x := range c.region.types {
		items = append(items, append(c.volumeTypeView(x), member{"os-volume-type-access:is_public", true}))
	}
	return reply{status: http.StatusOK, body: object{{"volume_types", items}}}, nil
}

// showType takes an id, or "default"; a name is not known here.
func showType(c *call) (reply, error) {
	if c.id == "default" {
		view := c.volumeTypeView(c.region.types.fallback())
		return reply{status: http.StatusOK, body: object{{"volume_type", view}}}, nil
	}
	for _, x := range c.region.types {
		if mariadb.Equal(x.id, c.id) {
			view := append(c.volumeTypeView(x), member{"os-volume-type-access:is_public", true})
			return reply{status: http.StatusOK, body: object{{"volume_type", view}}}, nil
		}
	}
	return reply{}, notFound("Volume type %s could not be found.", c.id)
}
