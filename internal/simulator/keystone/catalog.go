package keystone

import (
	"net/http"
	"strings"

	"github.com/istack/terraform-provider-istack/internal/simulator/python"
)

// service is an entry of the catalogue, with one endpoint for each region and interface.
type service struct {
	id, name, kind string
	endpoints      []endpoint
}

type endpoint struct {
	id, region, iface string
	path              string // below the server's address; PROJECT stands for the id of the token's project
}

const projectPlace = "PROJECT"

// newServices makes the catalogue's entries. An entry for images is among them though nothing serves images:
// python-openstackclient makes no volume without it.
func newServices(options Options) []service {
	image := service{id: python.NewID(), name: "glance", kind: "image"}
	keystone := service{id: python.NewID(), name: "keystone", kind: "identity"}
	var cinders []service
	for _, v := range options.Volumes {
		name := "cinder"
		if v.Type != "volumev3" {
			name += "-" + v.Type
		}
		cinders = append(cinders, service{id: python.NewID(), name: name, kind: v.Type})
	}
	for at, region := range options.Regions {
		image.endpoints = append(image.endpoints, endpoint{python.NewID(), region, "public", "/image/v2"})
		for _, iface := range []string{"internal", "admin", "public"} {
			keystone.endpoints = append(keystone.endpoints, endpoint{python.NewID(), region, iface, "/identity/v3/"})
		}
		for i := range cinders {
			path := options.Volumes[i].Paths[at] + "/" + projectPlace
			for _, iface := range []string{"public", "internal", "admin"} {
				cinders[i].endpoints = append(cinders[i].endpoints, endpoint{python.NewID(), region, iface, path})
			}
		}
	}
	return append(append([]service{image}, cinders...), keystone)
}

// catalog is what a token's holder may use. Without a project Keystone cannot write Cinder's URLs, and leaves
// its entries without endpoints.
func catalog(r *http.Request, services []service, projectID string) []object {
	list := []object{}
	for _, x := range services {
		endpoints := []object{}
		for _, e := range x.endpoints {
			if projectID == "" && strings.Contains(e.path, projectPlace) {
				continue
			}
			endpoints = append(endpoints, object{
				{"region", e.region},
				{"id", e.id},
				{"interface", e.iface},
				{"region_id", e.region},
				{"url", python.BaseURL(r) + strings.Replace(e.path, projectPlace, projectID, 1)},
			})
		}
		list = append(list, object{{"endpoints", endpoints}, {"id", x.id}, {"type", x.kind}, {"name", x.name}})
	}
	return list
}
