package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// api is the little that the bench itself wants of a cloud: where its Cinder is, and which snapshots a volume has. It
// does not use the provider's client, which is what is measured.
type api struct {
	token  string
	volume string // base URL of Cinder, with version and project
	region string
}

// snapshot is a snapshot as the API shows it.
type snapshot struct {
	ID              string            `json:"id"`
	Name            *string           `json:"name"`
	Description     *string           `json:"description"`
	VolumeID        string            `json:"volume_id"`
	Status          string            `json:"status"`
	Size            int               `json:"size"`
	Progress        *string           `json:"os-extended-snapshot-attributes:progress"`
	CreatedAt       *string           `json:"created_at"`
	UpdatedAt       *string           `json:"updated_at"`
	ProjectID       *string           `json:"os-extended-snapshot-attributes:project_id"`
	UserID          *string           `json:"user_id"`
	GroupSnapshotID *string           `json:"group_snapshot_id"`
	Metadata        map[string]string `json:"metadata"`
}

type object map[string]any

// signIn signs in by password, with the variables that OpenStack's clients read.
func signIn(ctx context.Context, env map[string]string) (*api, error) {
	body, err := json.Marshal(object{"auth": object{
		"identity": object{"methods": []string{"password"}, "password": object{"user": object{
			"name": env["OS_USERNAME"], "password": env["OS_PASSWORD"],
			"domain": object{"name": cmp.Or(env["OS_USER_DOMAIN_NAME"], "Default")},
		}}},
		"scope": object{"project": object{
			"name": env["OS_PROJECT_NAME"], "domain": object{"name": cmp.Or(env["OS_PROJECT_DOMAIN_NAME"], "Default")},
		}},
	}})
	if err != nil {
		return nil, err
	}
	var answer struct {
		Token struct {
			Catalog []service `json:"catalog"`
		} `json:"token"`
	}
	at := strings.TrimRight(env["OS_AUTH_URL"], "/") + "/auth/tokens"
	header, err := call(ctx, http.MethodPost, at, http.Header{"Content-Type": {"application/json"}}, body, &answer)
	if err != nil {
		return nil, err
	}
	a := &api{token: header.Get("X-Subject-Token")}
	for _, s := range answer.Token.Catalog {
		if s.Type != "volumev3" && s.Type != "block-storage" {
			continue
		}
		for _, e := range s.Endpoints {
			if e.Interface == "public" && (env["OS_REGION_NAME"] == "" || e.Region == env["OS_REGION_NAME"]) {
				a.volume, a.region = strings.TrimRight(e.URL, "/"), e.Region
				return a, nil
			}
		}
	}
	return nil, fmt.Errorf("no Cinder in the catalogue of %s", env["OS_AUTH_URL"])
}

type service struct {
	Type      string `json:"type"`
	Endpoints []struct {
		Interface string `json:"interface"`
		Region    string `json:"region"`
		URL       string `json:"url"`
	} `json:"endpoints"`
}

// snapshots lists the available snapshots of a volume, by name.
func (a *api) snapshots(ctx context.Context, volumeID string) ([]snapshot, error) {
	var all []snapshot
	// Of the microversion that the provider asks for, or its state would not be what the provider makes of it.
	header := http.Header{"X-Auth-Token": {a.token}, "Openstack-Api-Version": {"volume 3.65"}}
	query := url.Values{"volume_id": {volumeID}, "status": {"available"}}
	for {
		var page struct {
			Snapshots []snapshot `json:"snapshots"`
			Links     []struct {
				Rel string `json:"rel"`
			} `json:"snapshots_links"`
		}
		if _, err := call(ctx, http.MethodGet, a.volume+"/snapshots/detail?"+query.Encode(), header, nil, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Snapshots...)
		if len(page.Snapshots) == 0 || len(page.Links) == 0 {
			break
		}
		query.Set("marker", page.Snapshots[len(page.Snapshots)-1].ID)
	}
	slices.SortFunc(all, func(x, y snapshot) int { return cmp.Compare(text(x.Name), text(y.Name)) })
	return all, nil
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// call sends a request and reads the answer.
func call(ctx context.Context, method, at string, header http.Header, body []byte, answer any) (http.Header, error) {
	req, err := http.NewRequestWithContext(ctx, method, at, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header = header
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= http.StatusBadRequest {
		return nil, fmt.Errorf("%s %s: %s: %s", method, at, resp.Status, data)
	}
	return resp.Header, json.Unmarshal(data, answer)
}
