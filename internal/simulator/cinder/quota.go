package cinder

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// noLimit is the value of a quota that limits nothing.
const noLimit = -1

// quotaNames are the resources in the order in which Cinder shows them.
func (r *Region) quotaNames() []string {
	names := []string{"volumes", "per_volume_gigabytes", "snapshots", "gigabytes", "backups", "backup_gigabytes"}
	for _, t := range r.types {
		names = append(names, "volumes_"+t.name, "gigabytes_"+t.name, "snapshots_"+t.name)
	}
	return append(names, "groups")
}

func (r *Region) defaultLimit(name string) int {
	switch name {
	case "volumes":
		return 100000
	case "snapshots":
		return r.options.SnapshotQuota
	case "gigabytes":
		return r.options.GigabyteQuota
	case "backups", "groups":
		return 10
	case "backup_gigabytes":
		return 1000
	}
	return noLimit
}

func (r *Region) limit(project, name string) int {
	if set, ok := r.limits[project][name]; ok {
		return set
	}
	return r.defaultLimit(name)
}

// charge adds to what a project uses, or takes from it with sign -1.
func (r *Region) charge(project string, use map[string]int, sign int) {
	used := r.used[project]
	if used == nil {
		used = map[string]int{}
		r.used[project] = used
	}
	for name, n := range use {
		used[name] += sign * n
	}
}

// reserve refuses what goes beyond a quota. Gigabytes are named before numbers, as Cinder sorts them.
func (c *call) reserve(kind string, size int, use map[string]int) error {
	project := c.token.ProjectID()
	if limit := c.region.limit(project, "per_volume_gigabytes"); kind == "volumes" && limit >= 0 && size > limit {
		return overQuota("VolumeSizeExceedsLimit: Requested volume size %dG is larger than maximum allowed limit %dG.",
			size, limit)
	}
	for _, name := range slices.Sorted(maps.Keys(use)) {
		limit, used := c.region.limit(project, name), c.region.used[project][name]
		if limit < 0 || used+use[name] <= limit {
			continue
		}
		switch {
		case strings.HasPrefix(name, "gigabytes"):
			return overQuota("VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed %s quota. "+
				"Requested %dG, quota is %dG and %dG has been consumed.", name, size, limit, used)
		case kind == "snapshots":
			return overQuota("SnapshotLimitExceeded: Maximum number of snapshots allowed (%d) exceeded", limit)
		}
		return overQuota("VolumeLimitExceeded: Maximum number of volumes allowed (%d) exceeded for quota '%s'.", limit, name)
	}
	return nil
}

func overQuota(format string, args ...any) error {
	return &fault{
		status: http.StatusRequestEntityTooLarge, message: fmt.Sprintf(format, args...), overQuota: true,
	}
}

// quotaSet is what one project may have; the path names it and it need not exist.
func (c *call) quotaSet(value func(name string) any) object {
	set := object{}
	for _, name := range c.region.quotaNames() {
		set = append(set, member{name, value(name)})
	}
	return set
}

// showQuota lets everybody see his own project's.
func showQuota(c *call) (reply, error) {
	if !c.token.IsAdmin() && c.id != c.token.ProjectID() {
		return reply{}, forbidden("volume_extension:quotas:show")
	}
	usage, err := c.flag("usage")
	if err != nil {
		return reply{}, err
	}
	set := c.quotaSet(func(name string) any {
		limit := c.region.limit(c.id, name)
		if usage {
			use := object{{"limit", limit}, {"in_use", c.region.used[c.id][name]}, {"reserved", 0}}
			if c.region.options.Release.allocates && c.token.IsAdmin() {
				use = append(use, member{"allocated", 0})
			}
			return use
		}
		return limit
	})
	return reply{status: http.StatusOK, body: object{{"quota_set", append(set, member{"id", c.id})}}}, nil
}

func showQuotaDefaults(c *call) (reply, error) {
	if !c.token.IsAdmin() && c.id != c.token.ProjectID() {
		return reply{}, forbidden("volume_extension:quotas:show")
	}
	set := c.quotaSet(func(name string) any { return c.region.defaultLimit(name) })
	return reply{status: http.StatusOK, body: object{{"quota_set", append(set, member{"id", c.id})}}}, nil
}

// updateQuota changes the named limits; Cinder takes none below what is in use.
func updateQuota(c *call) (reply, error) {
	names := c.region.quotaNames()
	if err := c.checkBody(quotaSchema(names)); err != nil {
		return reply{}, err
	}
	if !c.token.IsAdmin() {
		return reply{}, forbidden("volume_extension:quotas:update")
	}
	limits := map[string]int{}
	for _, m := range c.object().Child("quota_set") {
		if !slices.Contains(names, m.Key()) {
			continue // "tenant_id" and "force" are taken and not looked at
		}
		limit, _ := integer(m.Value())
		if _, isText := m.Value().(string); isText && m.Key() != "per_volume_gigabytes" {
			return reply{}, malformed() // Cinder compares it with a number without reading it as one
		}
		if used := c.region.used[c.id][m.Key()]; m.Key() != "per_volume_gigabytes" && limit != noLimit && limit < used {
			return reply{}, badRequest("Quota %s limit must be equal or greater than existing resources. "+
				"Current usage is %d and the requested limit is %d.", m.Key(), used, limit)
		}
		limits[m.Key()] = limit
	}
	if c.region.limits[c.id] == nil {
		c.region.limits[c.id] = map[string]int{}
	}
	for name, limit := range limits {
		c.region.limits[c.id][name] = limit
	}
	set := c.quotaSet(func(name string) any { return c.region.limit(c.id, name) })
	return reply{status: http.StatusOK, body: object{{"quota_set", set}}}, nil
}

func quotaSchema(names []string) schema {
	known := func(value any) *invalid {
		var strange []string
		o, _ := value.(object)
		for _, m := range o {
			if m.Key() == "tenant_id" || m.Key() == "force" || m.Key() == "id" {
				continue
			}
			if !slices.Contains(names, m.Key()) {
				strange = append(strange, m.Key())
				continue
			}
			n, ok := integer(m.Value())
			switch {
			case !ok:
				return &invalid{whole: true, message: m.Key() + " must be an integer"}
			case n < noLimit:
				return &invalid{whole: true, message: m.Key() + " must be >= -1"}
			case n > databaseMaximum:
				return &invalid{whole: true, message: fmt.Sprintf("%s must be <= %d", m.Key(), databaseMaximum)}
			}
		}
		if len(strange) > 0 {
			return &invalid{
				whole:   true,
				message: "Invalid input received: Bad key(s) in quota set: " + strings.Join(strange, ", "),
			}
		}
		return nil
	}
	return schema{
		typed("object"),
		properties(property{"quota_set", schema{typed("object"), notEmpty, known}}),
		required("quota_set"),
		only("quota_set"),
	}
}

// deleteQuota puts a project back to the defaults.
func deleteQuota(c *call) (reply, error) {
	if !c.token.IsAdmin() {
		return reply{}, forbidden("volume_extension:quotas:delete")
	}
	delete(c.region.limits, c.id)
	return reply{status: http.StatusOK}, nil
}

// showLimits is the caller's own quotas and what is used of them.
func showLimits(c *call) (reply, error) {
	r, project := c.region, c.token.ProjectID()
	used := r.used[project]
	absolute := object{
		{"maxTotalVolumes", r.limit(project, "volumes")},
		{"maxTotalSnapshots", r.limit(project, "snapshots")},
		{"maxTotalVolumeGigabytes", r.limit(project, "gigabytes")},
		{"maxTotalBackups", r.limit(project, "backups")},
		{"maxTotalBackupGigabytes", r.limit(project, "backup_gigabytes")},
		{"totalVolumesUsed", used["volumes"]},
		{"totalGigabytesUsed", used["gigabytes"]},
		{"totalSnapshotsUsed", used["snapshots"]},
		{"totalBackupsUsed", 0},
		{"totalBackupGigabytesUsed", 0},
	}
	body := object{{"limits", object{{"rate", []object{}}, {"absolute", absolute}}}}
	return reply{status: http.StatusOK, body: body}, nil
}
