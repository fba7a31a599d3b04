package simulator

import (
	"net/http"
	"strings"
)

// service is an entry of the catalogue, with one endpoint for each region and interface.
type service struct {
	id, name, kind string
	endpoints      []endpoint
}

type endpoint struct {
	id, region, face string
	path             string // below the server's address; PROJECT stands for the id of the token's project
}

const projectPlace = "PROJECT"

// newServices makes the catalogue's entries. An entry for images is among them though nothing serves images:
// python-openstackclient makes no volume without it.
func newServices(s *Server) []service {
	image := service{id: newID(), name: "glance", kind: "image"}
	keystone := service{id: newID(), name: "keystone", kind: "identity"}
	var cinders []service
	for _, t := range s.options.CatalogTypes {
		name := "cinder"
		if t != "volumev3" {
			name += "-" + t
		}
		cinders = append(cinders, service{id: newID(), name: name, kind: t})
	}
	for _, r := range s.regions {
		image.endpoints = append(image.endpoints, endpoint{newID(), r.name, "public", "/image/v2"})
		for _, face := range []string{"internal", "admin", "public"} {
			keystone.endpoints = append(keystone.endpoints, endpoint{newID(), r.name, face, "/identity/v3/"})
		}
		for i := range cinders {
			path := "/" + r.path + "/" + catalogVersion(cinders[i].kind) + "/" + projectPlace
			for _, face := range []string{"public", "internal", "admin"} {
				cinders[i].endpoints = append(cinders[i].endpoints, endpoint{newID(), r.name, face, path})
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
				{"interface", e.face},
				{"region_id", e.region},
				{"url", baseURL(r) + strings.Replace(e.path, projectPlace, projectID, 1)},
			})
		}
		list = append(list, object{{"endpoints", endpoints}, {"id", x.id}, {"type", x.kind}, {"name", x.name}})
	}
	return list
}
