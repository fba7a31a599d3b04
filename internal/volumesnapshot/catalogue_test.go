package volumesnapshot

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/istack/terraform-provider-istack/internal/client"
	"github.com/istack/terraform-provider-istack/internal/framework"
	"github.com/istack/terraform-provider-istack/internal/openstack"
	"github.com/istack/terraform-provider-istack/internal/transport"
	"github.com/istack/terraform-provider-istack/internal/volumesnapshot/statemove"
)

// failure is one entry of the catalogue: a failure and all that the user reads.
type failure struct {
	title string
	// when says in one sentence how it comes about.
	when       string
	diagnostic diag.Diagnostic
}

const (
	snapshotID = "6dd4a9ac-0ea9-4fa5-a5b1-0a2f0dc5c3f1"
	otherID    = "e8d846e6-2daa-40b1-90b3-4e91eba70838"
	volumeID   = "4da79faf-e4c2-421a-b09d-c1b5147cf776"
	path3      = "/v3/22a42a028e074f0aba6728ae6b710061/snapshots"
)

func catalogue() map[string][]failure {
	refused := func(method, path string, status int, kind, message string) error {
		return &openstack.APIError{Method: method, Path: path, Status: status, Kind: kind, Message: message, RequestID: "req-474cf936-bbb5-4585-b717-ba6a8869578c"}
	}
	post := func(status int, kind, message string) error {
		return refused(http.MethodPost, path3, status, kind, message)
	}
	plan := resourceModel{snapshotModel: snapshotModel{
		VolumeID: types.StringValue(volumeID), Name: types.StringValue("nightly"), Region: types.StringValue("east"),
	}}
	state := plan
	state.ID = types.StringValue(snapshotID)
	made := func(id string, status client.Status) client.Snapshot {
		return client.Snapshot{ID: id, VolumeID: volumeID, Name: "nightly", Status: status, CreatedAt: time.Date(2026, 1, 31, 3, 0, 0, 0, time.UTC)}
	}
	timeout := func(wanted, last client.Status) error {
		return &client.WaitError{SnapshotID: snapshotID, Wanted: wanted, Last: last, Waited: time.Hour, Err: context.DeadlineExceeded}
	}
	const keystone = "https://keystone.example.com/v3"
	signIn := func(method openstack.Method, err error) error {
		who := map[openstack.Method]string{
			openstack.MethodPassword:              `user "backup" of domain "Default", project "operations" of domain "Default"`,
			openstack.MethodApplicationCredential: `id "21dced0fd20347869b93710d2b98aae0"`,
		}
		return &openstack.SignInError{AuthURL: keystone, Method: method, Who: who[method], Err: err}
	}
	connection := func(fault transport.TLSFault, err error) error {
		return &transport.TLSError{Host: "keystone.example.com", Fault: fault, Err: err}
	}
	unauthorized := refused("POST", "/v3/auth/tokens", 401, "error", "The request you have made requires authentication.")
	badRequest := &openstack.APIError{
		Method: http.MethodDelete, Path: path3 + "/" + snapshotID, Status: 400, Kind: "badRequest", RequestID: "req-474cf936-bbb5-4585-b717-ba6a8869578c",
		Message: "Invalid snapshot: Snapshot status must be available or error and must not be part of a group.",
	}
	foreign := &client.ProjectError{
		SnapshotID: snapshotID, ProjectID: "22a42a028e074f0aba6728ae6b710061", SignedIn: "0bbbdb0b4b3b4b3c9d1e5b1b1f8a8d0c",
		Answer: &openstack.APIError{
			Method: http.MethodGet, Path: "/v3/0bbbdb0b4b3b4b3c9d1e5b1b1f8a8d0c/snapshots/" + snapshotID, Status: 404, Kind: "itemNotFound",
			Message: "Snapshot " + snapshotID + " could not be found.", RequestID: "req-474cf936-bbb5-4585-b717-ba6a8869578c",
		},
	}
	failed := state
	failed.Status = types.StringValue("error")
	turn := func(setting string, value float64) error {
		return &openstack.TransportError{Method: "GET", Path: path3 + "/" + snapshotID, Err: &transport.TurnError{
			Setting: setting, Value: value, Waited: 5 * time.Minute, Err: context.DeadlineExceeded,
		}}
	}
	lost := &openstack.TransportError{Method: http.MethodPost, Path: path3, Err: errors.New("unexpected EOF")}
	lostRevert := &openstack.TransportError{Method: http.MethodPost, Path: strings.Replace(path3, "/snapshots", "/volumes/"+volumeID+"/action", 1), Err: errors.New("unexpected EOF")}
	const reverting = "Reverting volume " + volumeID + " to snapshot " + snapshotID
	sized, failedSnapshot := made(snapshotID, client.StatusAvailable), made(snapshotID, client.StatusError)
	sized.Size, failedSnapshot.Size = 10, 10
	member := made(snapshotID, client.StatusAvailable)
	member.GroupSnapshotID = otherID
	newer := func(name string) client.Snapshot {
		s := sized
		s.ID, s.Name, s.CreatedAt = otherID, name, s.CreatedAt.Add(time.Hour)
		return s
	}
	return map[string][]failure{
		"Create": {
			{"The volume does not exist", "`volume_id` names no volume of this project and region.", createFailed(plan, post(404, "itemNotFound", "Volume "+volumeID+" could not be found."))},
			{"The volume is in use", "The volume is attached, and `force` is not set.", createFailed(plan, post(400, "badRequest", "Invalid volume: Volume "+volumeID+" status must be available, but current status is: in-use."))},
			{"The volume is in use, on a cloud that does not check", "As above, where the API has no microversion below 3.66 and the provider checks in its place.", createFailed(plan, &client.VolumeInUseError{VolumeID: volumeID})},
			{"A text that the cloud cannot store", "A name, description or metadata has an emoji, and the database of the cloud cannot store it. The plan has warned of it.", createFailed(plan, explainRefusal(post(500, "computeFault", "The server has either erred or is incapable of performing the requested operation."), texts{name: "nightly 🌙"}))},
			{"A text that the cloud does not take", "A description has a control character, or a metadata key one that is not ASCII, and the cloud checks requests by a JSON schema. The plan has warned of it.", createFailed(plan, explainRefusal(post(400, "badRequest", "Invalid input for field/attribute metadata. Value: {...}. 'größe' does not match any of the regexes: '^[a-zA-Z0-9-_:. /]{1,255}$'"), texts{metadata: map[string]string{"größe": "XL"}}))},
			{"The volume is not ready", "The volume is being created, attached, restored, or has failed.", createFailed(plan, post(400, "badRequest", "Invalid volume: Volume "+volumeID+" status must be available, in-use, but current status is: creating."))},
			{"Too many snapshots", "The project's quota of snapshots is used up. This is not tried again.", createFailed(plan, &client.QuotaError{Quota: "snapshots", Limit: 70, Used: 70, Asked: 1, Err: post(413, "overLimit", "SnapshotLimitExceeded: Maximum number of snapshots allowed (70) exceeded")})},
			{"Too many gigabytes", "The project's quota of gigabytes is used up. This is not tried again.", createFailed(plan, &client.QuotaError{Quota: "gigabytes", Limit: 100, Used: 95, Asked: 10, Err: post(413, "overLimit", "VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. Requested 10G, quota is 100G and 95G has been consumed.")})},
			{"A quota without figures", "As above, where the cloud does not show its limits.", createFailed(plan, post(413, "overLimit", "SnapshotLimitExceeded: Maximum number of snapshots allowed (70) exceeded"))},
			{"Not allowed", "The user's roles do not allow it.", createFailed(plan, post(403, "forbidden", "Policy doesn't allow volume:create_snapshot to be performed."))},
			{"Too many requests", "The cloud limits the rate of requests, and went on doing so for as long as there was time.", createFailed(plan, post(429, "overLimit", "This request was rate-limited."))},
			{"A pause that is too long", "As above, with a `Retry-After` of more than five minutes.", createFailed(plan, &openstack.APIError{Method: "POST", Path: path3, Status: 429, Kind: "overLimit", RetryAfter: 10 * time.Minute, RequestID: "req-474cf936-bbb5-4585-b717-ba6a8869578c"})},
			{"The answer was lost", "The connection broke after the request was sent, and the cloud could not be asked what became of it.", createFailed(plan, &client.LostCreateError{Sent: made(snapshotID, client.StatusAvailable).CreatedAt, Err: lost})},
			{"The answer was lost, and one that does not surely fit may be it", "As above; the backend or a tool may have added metadata, a clock be wrong, the time of the snapshot not be readable, or another run have made the snapshot.", createFailed(plan, &client.AmbiguousCreateError{Candidates: []client.Snapshot{made(snapshotID, client.StatusAvailable)}, Doubtful: true, Err: lost})},
			{"The answer was lost, and several may be it", "As above; another run made a snapshot like it at the same time.", createFailed(plan, &client.AmbiguousCreateError{Candidates: []client.Snapshot{made(snapshotID, client.StatusAvailable), made(otherID, client.StatusCreating)}, Err: lost})},
		},
		"Wait for available": {
			{"The snapshot failed", "The cloud gave the snapshot the status `error`.", waitFailed(made(snapshotID, "creating"), time.Hour, &client.UnexpectedStatusError{Snapshot: made(snapshotID, client.StatusError), Wanted: client.StatusAvailable, Reason: "create snapshot:Snapshot failed to create.", RequestID: "req-0b1f6c54-9b1c-4c1f-8f5e-0d8a3a9f2f10"})},
			{"It took too long", "The snapshot was not available within `timeouts.create`.", waitFailed(made(snapshotID, "creating"), time.Hour, timeout(client.StatusAvailable, client.StatusCreating))},
			{"The run was interrupted", "Ctrl-C, or a signal to Terraform.", waitFailed(made(snapshotID, "creating"), time.Hour, &client.WaitError{SnapshotID: snapshotID, Wanted: client.StatusAvailable, Last: client.StatusCreating, Waited: 90 * time.Second, Err: context.Canceled})},
			{"Somebody deleted it", "The snapshot was deleted while it was being made.", waitFailed(made(snapshotID, "creating"), time.Hour, refused("GET", path3+"/"+snapshotID, 404, "itemNotFound", "Snapshot "+snapshotID+" could not be found."))},
			{"Metadata that was not kept", "A warning: keys that differ only in case were one to the cloud's database, or somebody changed them.", metadataNotKept(made(snapshotID, client.StatusAvailable), []string{"Key"})},
		},
		"Read": {
			{"The cloud has a problem", "It answered with 5xx through all retries.", readFailed(state, readTimeout, refused("GET", path3+"/"+snapshotID, 503, "", ""))},
			{"A gateway has a problem", "It answered with 5xx through all retries, and the API may not have.", readFailed(state, readTimeout, &openstack.APIError{Method: "GET", Path: path3 + "/" + snapshotID, Status: 502})},
			{"No answer", "The connection failed through all retries.", readFailed(state, readTimeout, &openstack.TransportError{Method: "GET", Path: path3 + "/" + snapshotID, Err: errors.New("connection reset by peer")})},
			{"An answer that is not the API's", "A proxy or a portal answered instead.", readFailed(state, readTimeout, &openstack.TransportError{Method: "GET", Path: path3 + "/" + snapshotID, Err: errors.New("the answer is not the JSON that the API speaks: invalid character '<' looking for beginning of value")})},
			{"The sign-in is to another project", "The snapshot belongs to another project, where it may well exist. It stays in the state.", readFailed(state, readTimeout, foreign)},
			{"Another region than that of the override", "The snapshot is in a region of which `endpoint_overrides` has no endpoint.", readFailed(state, readTimeout, &openstack.OverrideError{ServiceType: "volumev3", Region: "east", Wanted: "west"})},
			{"The region of the override is not set", "As above, where the provider names no region.", readFailed(state, readTimeout, &openstack.OverrideError{ServiceType: "volumev3", Wanted: "west"})},
			{"The snapshot has failed", "A warning: its status is `error` or `error_deleting`.", restoresNothing(failed, "create snapshot:Snapshot failed to create.", "req-0b1f6c54-9b1c-4c1f-8f5e-0d8a3a9f2f10")},
			{"A 404 that is not the API's", "A proxy, a router or a wrong endpoint answered. The snapshot stays in the state.", readFailed(state, readTimeout, refused("GET", path3+"/"+snapshotID, 404, "", ""))},
			{"The refresh took too long", "Longer than `timeouts.read`.", readFailed(state, readTimeout, &openstack.TransportError{Method: "GET", Path: path3 + "/" + snapshotID, Err: context.DeadlineExceeded})},
			{"Never sent, since it was not its turn", "`max_concurrent_requests` held the request back until the time of the operation was over.", readFailed(state, readTimeout, turn("max_concurrent_requests", transport.DefaultMaxConcurrentRequests))},
			{"Never sent, since it would have been too soon", "As above, by `requests_per_second`.", readFailed(state, readTimeout, turn("requests_per_second", 0.5))},
			{"Never sent, since the cloud wanted a pause", "As above, by the `Retry-After` of a request before it.", readFailed(state, readTimeout, turn("", 0))},
			{"The token is no longer accepted", "A new sign-in worked, and its token was refused too.", readFailed(state, readTimeout, refused("GET", path3+"/"+snapshotID, 401, "error", "The request you have made requires authentication."))},
		},
		"Update": {
			{"It is gone", "Somebody deleted the snapshot between plan and apply.", updateFailed(state, "Changing the name or description", refused("PUT", path3+"/"+snapshotID, 404, "itemNotFound", "Snapshot "+snapshotID+" could not be found."))},
			{"Keys of an import that the configuration does not have", "A warning: the first change after an import removes no key.", keysLeft(state, []string{"backup-id"})},
			{"A key that the cloud does not keep", "Somebody else's key differs from ours only in case.", metadataFailed(state, &client.MetadataError{SnapshotID: snapshotID, Keys: []string{"team"}})},
			{"Metadata refused", "The cloud refused the write.", metadataFailed(state, refused("POST", path3+"/"+snapshotID+"/metadata", 403, "forbidden", "Policy doesn't allow volume:update_snapshot_metadata to be performed."))},
		},
		"Delete": {
			{"The snapshot is busy", "A volume depends on it, and the cloud gave the deletion up.", deleteFailed(state, time.Hour, &client.UnexpectedStatusError{Snapshot: made(snapshotID, client.StatusAvailable), Volumes: []string{"91c1ab52-6a35-4ae4-8b2b-1f5f2b1a0c11"}})},
			{"The deletion failed", "The backend failed to delete it.", deleteFailed(state, time.Hour, &client.UnexpectedStatusError{Snapshot: made(snapshotID, client.StatusErrorDeleting), Reason: "delete snapshot:Snapshot failed to delete.", RequestID: "req-0b1f6c54-9b1c-4c1f-8f5e-0d8a3a9f2f10"})},
			{"The status was set meanwhile", "An administrator set the status to `error` while the cloud deleted the snapshot.", deleteFailed(state, time.Hour, &client.UnexpectedStatusError{Snapshot: made(snapshotID, client.StatusError)})},
			{"It took too long", "The snapshot was not gone within `timeouts.delete`.", deleteFailed(state, time.Hour, timeout("", client.StatusDeleting))},
			{"A member of a group snapshot", "The cloud deletes the group snapshot as a whole.", deleteFailed(state, time.Hour, &client.UnexpectedStatusError{Snapshot: member, Refusal: badRequest})},
			{"The volume is another project's", "The volume was transferred to another project without its snapshots.", deleteFailed(state, time.Hour, &client.UnexpectedStatusError{Snapshot: made(snapshotID, client.StatusAvailable), Refusal: &openstack.APIError{Method: http.MethodDelete, Path: path3 + "/" + snapshotID, Status: 404, Kind: "itemNotFound", RequestID: "req-474cf936-bbb5-4585-b717-ba6a8869578c", Message: "Volume " + volumeID + " could not be found."}})},
			{"The deletion was refused", "The cloud does not delete the snapshot although its status allows that, such as where it is part of a consistency group.", deleteFailed(state, time.Hour, &client.UnexpectedStatusError{Snapshot: made(snapshotID, client.StatusAvailable), Refusal: badRequest})},
			{"The deletion is not allowed", "The roles of the user do not allow it.", deleteFailed(state, time.Hour, refused("DELETE", path3+"/"+snapshotID, 403, "forbidden", "Policy doesn't allow volume:delete_snapshot to be performed."))},
			{"Another status did not end", "The snapshot was in a transitional status, such as `backing-up`, through all of `timeouts.delete`.", deleteFailed(state, time.Hour, timeout(client.StatusAvailable, "backing-up"))},
			{"The sign-in is to another project", "The snapshot belongs to another project, where it may well exist.", deleteFailed(state, time.Hour, foreign)},
			{"The policy prevents it", "`deletion_policy` is `prevent`.", deletionPrevented(state)},
			{"A replacement in another region", "The region of the provider has changed since the snapshot was made.", replacementMoves(state, types.StringValue("west"))},
			{"The policy retains it", "A warning: `deletion_policy` is `retain`.", deletionRetained(state, "")},
			{"The environment retains it", "A warning: `ISTACK_DELETION_POLICY` is `retain`, whatever `deletion_policy` says.", deletionRetained(state, framework.PolicyRetain)},
		},
		"Sign-in": {
			{"Refused", "User, password, domain or project are wrong.", readFailed(state, readTimeout, signIn(openstack.MethodPassword, unauthorized))},
			{"A token is refused", "It has expired or been revoked.", readFailed(state, readTimeout, signIn(openstack.MethodToken, unauthorized))},
			{"A token has ended", "A run outlived the token that was given to it.", readFailed(state, readTimeout, &openstack.SignInError{AuthURL: keystone, Method: openstack.MethodToken, Renewal: true, Err: unauthorized})},
			{"A delegated token", "The token comes from an application credential, a trust or OAuth, and the settings ask for a project.", readFailed(state, readTimeout, &openstack.SignInError{AuthURL: keystone, Method: openstack.MethodToken, Who: `project "operations" of domain "Default"`, Scoped: true, Err: refused("POST", "/v3/auth/tokens", 403, "error", "You are not authorized to perform the requested action: Using trust-scoped token to create another token. Create a new trust-scoped token instead.")})},
			{"An application credential is refused", "It has expired or been deleted, or the secret is wrong.", readFailed(state, readTimeout, signIn(openstack.MethodApplicationCredential, unauthorized))},
			{"The Identity service has a problem", "It answered with 5xx through all retries.", readFailed(state, readTimeout, signIn(openstack.MethodPassword, refused("POST", "/v3/auth/tokens", 503, "", "")))},
			{"Not the Identity service", "`auth_url` leads to a web page, a portal, a proxy or another service.", readFailed(state, readTimeout, signIn(openstack.MethodPassword, &openstack.NotIdentityError{Answer: openstack.APIError{Method: "POST", Path: "/v3/auth/tokens", Status: 200}, Lacks: "the JSON of the API"}))},
			{"A redirect", "`auth_url` leads to something that sends elsewhere.", readFailed(state, readTimeout, signIn(openstack.MethodPassword, &openstack.NotIdentityError{Answer: openstack.APIError{Method: "POST", Path: "/v3/auth/tokens", Status: 302, Location: "https://portal.example.com/login"}}))},
			{"No answer", "The Identity service cannot be reached.", readFailed(state, readTimeout, signIn(openstack.MethodPassword, errors.New("dial tcp 192.0.2.1:5000: connect: connection refused")))},
			{"An unknown certificate", "The authority that has signed the cloud's certificate is not known here. This is not tried again.", readFailed(state, readTimeout, signIn(openstack.MethodPassword, connection(transport.CertificateRefused, x509.UnknownAuthorityError{})))},
			{"A certificate for another host", "The cloud's certificate does not have the host of `auth_url`.", readFailed(state, readTimeout, signIn(openstack.MethodPassword, connection(transport.CertificateRefused, x509.HostnameError{Host: "keystone.example.com", Certificate: &x509.Certificate{DNSNames: []string{"cloud.example.com"}}})))},
			{"An expired certificate", "It is past its time, or the clock of this machine is wrong.", readFailed(state, readTimeout, signIn(openstack.MethodPassword, connection(transport.CertificateRefused, x509.CertificateInvalidError{Reason: x509.Expired, Detail: "current time 2026-02-01T03:00:00Z is after 2026-01-31T03:00:00Z"})))},
			{"https for http", "`auth_url` begins with `https://`, and the server does not speak TLS.", readFailed(state, readTimeout, signIn(openstack.MethodPassword, connection(transport.PlainServer, errors.New("tls: first record does not look like a TLS handshake"))))},
			{"http for https", "`auth_url` begins with `http://`, and the server speaks TLS only.", readFailed(state, readTimeout, signIn(openstack.MethodPassword, connection(transport.PlainRequest, errors.New("plain HTTP was answered with 400 Bad Request"))))},
			{"Another project in endpoint_overrides", "The URL there has the id of a project that the sign-in is not for.", readFailed(state, readTimeout, refused("GET", path3+"/"+snapshotID, 400, "badRequest", "Malformed request url"))},
			{"No endpoint", "The catalogue has no block storage in this region.", readFailed(state, readTimeout, &openstack.EndpointError{Region: "west", EndpointType: "public", Offered: []string{`volumev3 (public) in "east"`}})},
			{"Not known yet", "The provider block refers to values that only an apply makes known.", readFailed(state, readTimeout, &openstack.UnconfiguredError{Settings: []string{"password"}})},
		},
		"Actions": {
			{"A revert of a volume in use", "The volume is attached.", revertFailed(reverting, &client.RevertRefusedError{Reason: client.RevertVolumeStatus, Snapshot: sized, Volume: client.Volume{ID: volumeID, Status: client.VolumeInUse, Size: 10}})},
			{"A revert to a snapshot that is not available", "It is being made, has failed, or is in use.", revertFailed(reverting, &client.RevertRefusedError{Reason: client.RevertSnapshotStatus, Snapshot: failedSnapshot})},
			{"A revert to an older snapshot", "A cloud reverts to the newest snapshot only, and one in any status is in the way.", revertFailed(reverting, &client.RevertRefusedError{Reason: client.RevertNotNewest, Snapshot: sized, Newest: newer("hourly")})},
			{"A revert after one that failed", "As above: the newest is what the cloud made for a revert.", revertFailed(reverting, &client.RevertRefusedError{Reason: client.RevertNotNewest, Snapshot: sized, Newest: newer("[revert] volume " + volumeID + " backup snapshot")})},
			{"A revert of a volume that was extended", "The volume has grown since the snapshot was made.", revertFailed(reverting, &client.RevertRefusedError{Reason: client.RevertExtended, Snapshot: sized, Volume: client.Volume{ID: volumeID, Status: client.VolumeAvailable, Size: 20}})},
			{"A cloud without revert", "The API is older than microversion 3.40.", revertFailed(reverting, &client.RevertRefusedError{Reason: client.RevertUnknown, Snapshot: sized})},
			{"The revert failed", "The volume ended in the status `error`.", revertFailed(reverting, &client.RevertError{Snapshot: sized, Volume: client.Volume{ID: volumeID, Status: "error"}, Leftover: newer("[revert] volume " + volumeID + " backup snapshot")})},
			{"The answer to the revert was lost", "The connection broke after the request was sent, and the volume does not show what became of it.", revertFailed(reverting, &client.LostRevertError{Snapshot: sized, Err: lostRevert})},
			{"The revert took too long", "Longer than `timeouts.invoke`.", revertNotSeen(reverting, client.Volume{ID: volumeID}, &client.WaitError{VolumeID: volumeID, Wanted: client.VolumeAvailable, Last: "reverting", Waited: time.Hour, Err: context.DeadlineExceeded})},
			{"The snapshot of a create failed", "The cloud gave the snapshot the status `error`.", neverAvailable(made(snapshotID, "creating"), time.Hour, &client.UnexpectedStatusError{Snapshot: made(snapshotID, client.StatusError), Wanted: client.StatusAvailable}, nil)},
			{"The snapshot of a create failed, and stays", "As above, and the cloud does not delete it.", neverAvailable(made(snapshotID, "creating"), time.Hour, &client.UnexpectedStatusError{Snapshot: made(snapshotID, client.StatusError), Wanted: client.StatusAvailable}, badRequest)},
			{"The snapshot of a create took too long", "Longer than `timeouts.invoke`.", neverAvailable(made(snapshotID, "creating"), time.Hour, timeout(client.StatusAvailable, client.StatusCreating), nil)},
			{"More to prune than allowed", "The policy would delete more than `max_deletions`.", tooManyDeletions(150, 170, defaultMaxDeletions, false)},
			{"More to prune than allowed, in a dry run", "A warning: as above.", tooManyDeletions(150, 170, defaultMaxDeletions, true)},
			{"A status that only administrators set", "The sign-in is not an administrator's.", resetFailed(snapshotID, client.StatusError, refused("POST", path3+"/"+snapshotID+"/action", 403, "forbidden", "Policy doesn't allow volume_extension:snapshot_admin_actions:reset_status to be performed."))},
		},
		"Moves": {
			{"A resource that cannot be moved", "A `moved` block names a resource of which nothing is known here.", notMovable(statemove.Source{Provider: "registry.terraform.io/hashicorp/aws", Type: "aws_ebs_snapshot"})},
			{"A state that is too old", "Terraform 0.11 has written it.", tooOldToMove(statemove.Source{Provider: "registry.terraform.io/vk-cs/vkcs", Type: "vkcs_blockstorage_snapshot"})},
		},
		"Data sources": {
			{"Several match", "The filters of `istack_volume_snapshot` match more than one.", severalMatch([]client.Snapshot{made(snapshotID, client.StatusAvailable), made(otherID, client.StatusAvailable)}, 2)},
			{"None matches", "The filters of `istack_volume_snapshot` match none.", noneMatches()},
			{"No such id", "The `id` of `istack_volume_snapshot` names no snapshot.", notFoundByID(snapshotID, refused("GET", path3+"/"+snapshotID, 404, "itemNotFound", "Snapshot "+snapshotID+" could not be found."))},
			{"The listing takes an administrator", "`project_id` is set, and the sign-in is not an administrator's.", searchFailed(refused("GET", path3+"/detail", 400, "badRequest", "Invalid filters project_id are found in query options."))},
			{"The listing failed", "The cloud did not list its snapshots.", searchFailed(&openstack.APIError{Method: "GET", Path: path3 + "/detail", Status: 504})},
		},
	}
}

var chapters = []string{"Sign-in", "Create", "Wait for available", "Read", "Update", "Delete", "Moves", "Actions", "Data sources"}

const guide = "../../templates/guides/troubleshooting.md"

// The guide is the catalogue: it has the full text of every failure, word for
// word. UPDATE_GUIDE=1 writes it anew.
func TestTroubleshootingGuide(t *testing.T) {
	if os.Getenv("UPDATE_GUIDE") != "" {
		if err := os.WriteFile(guide, []byte(renderGuide()), 0o644); err != nil { //nolint:gosec // a page of the docs
			t.Fatal(err)
		}
	}
	page, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	for _, chapter := range chapters {
		for _, f := range catalogue()[chapter] {
			t.Run(chapter+"/"+f.title, func(t *testing.T) {
				if !strings.Contains(string(page), f.render()) {
					t.Errorf("the guide does not have this text, word for word (make generate writes it):\n%s", f.render())
				}
				for _, want := range []string{snapshotID, volumeID} {
					if detail := f.diagnostic.Detail(); !strings.Contains(detail, want) && chapter != "Data sources" && chapter != "Actions" && chapter != "Moves" &&
						(chapter != "Create" || want == volumeID) {
						t.Errorf("the text does not name %s", want)
					}
				}
			})
		}
	}
	if string(page) != renderGuide() {
		t.Error("the guide has more, or another order, than the catalogue (make generate writes it)")
	}
}

// An error that one attribute is to blame for points at it.
func TestErrorsPointAtTheirAttribute(t *testing.T) {
	for title, want := range map[string]string{
		"The volume does not exist":                            "volume_id",
		"The volume is in use":                                 "force",
		"The volume is in use, on a cloud that does not check": "force",
		"The volume is not ready":                              "volume_id",
		"A key that the cloud does not keep":                   "metadata",
		"The policy prevents it":                               "deletion_policy",
		"A replacement in another region":                      "region",
		"The snapshot has failed":                              "status",
		"No such id":                                           "id",
	} {
		found := 0
		for _, chapter := range catalogue() {
			for _, f := range chapter {
				if f.title != title {
					continue
				}
				found++
				at, ok := f.diagnostic.(diag.DiagnosticWithPath)
				if !ok || at.Path().String() != want {
					t.Errorf("%s: the error points at %v, not at %s", title, f.diagnostic, want)
				}
			}
		}
		if found == 0 {
			t.Errorf("there is no %q", title)
		}
	}
}

func (f failure) render() string {
	return fmt.Sprintf("### %s\n\n%s\n\n```text\n%s: %s\n\n%s\n```\n", f.title, f.when,
		strings.Title(strings.ToLower(f.diagnostic.Severity().String())), f.diagnostic.Summary(), f.diagnostic.Detail()) //nolint:staticcheck // one ASCII word
}

func renderGuide() string {
	var page strings.Builder
	page.WriteString(`---
page_title: "Troubleshooting"
description: "What the provider says when something fails, and what to do then."
---

# Troubleshooting

The error of a request says what was tried and on which snapshot and volume, what the API answered (status, message,
request id), and what to do next. This page has these errors; with OpenTofu, write ` + "`tofu`" + ` for ` + "`terraform`" + `. One that is about a setting or an argument alone says what is
wrong with it, and is not here. A request id is what the cloud's operators need to find the request in their logs.

For the requests themselves, set ` + "`TF_LOG_PROVIDER=DEBUG`" + `: each is logged with method, path, status, duration and request id,
and without headers and bodies.
`)
	for _, chapter := range chapters {
		fmt.Fprintf(&page, "\n## %s\n", chapter)
		for _, f := range catalogue()[chapter] {
			page.WriteString("\n" + f.render())
		}
	}
	return page.String()
}
