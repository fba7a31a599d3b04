#!/usr/bin/python3
"""bootstrap.py AUTH_URL CINDER_URL CLOUD: what a bare Keystone and Cinder still want, then a wait until they are ready.

Users and projects, the catalogue, a volume type for each backend; ready is when the scheduler can place a volume
on every backend. What is there already stays, so it may run again. The password of all users is in $PASSWORD.
"""

import os
import sys
import time

from keystoneauth1.identity.v3 import Password
from keystoneauth1.session import Session

REGION = "RegionOne"
BACKENDS = ("nfs", "fake")
# user, project, role
USERS = (("cinder", "service", "admin"), ("demo", "demo", "member"), ("demo2", "demo2", "member"))
READY_WITHIN = 180  # seconds; on a busy machine the services take their time


class Identity:
    def __init__(self, session, url):
        self.session = session
        self.url = url

    def ensure(self, collection, match, **others):
        """The entity with these fields, made with the others too where there is none."""
        url = f"{self.url}/{collection}"
        for entity in self.session.get(url).json()[collection]:
            if all(entity.get(k) == v for k, v in match.items()):
                return entity
        kind = collection.removesuffix("s")
        return self.session.post(url, json={kind: {**match, **others}}).json()[kind]

    def user(self, name, project, role, password):
        p = self.ensure("projects", {"name": project, "domain_id": "default"})
        u = self.ensure("users", {"name": name, "domain_id": "default"}, password=password)
        r = self.ensure("roles", {"name": role})
        self.session.put(f"{self.url}/projects/{p['id']}/users/{u['id']}/roles/{r['id']}")

    def service(self, kind, name, url):
        s = self.ensure("services", {"type": kind}, name=name)
        for interface in ("public", "internal", "admin"):
            self.ensure(
                "endpoints",
                {"service_id": s["id"], "interface": interface, "region": REGION},
                region_id=REGION,
                url=url,
            )


def make_types(session, volume):
    have = {t["name"] for t in session.get(volume + "/types?is_public=none").json()["volume_types"]}
    for b in BACKENDS:
        if b not in have:
            spec = {"name": b, "extra_specs": {"volume_backend_name": b}}
            session.post(volume + "/types", json={"volume_type": spec})


def wait_ready(session, volume):
    services = {("cinder-scheduler", "istack")} | {("cinder-volume", f"istack@{b}") for b in BACKENDS}
    pools = {f"istack@{b}" for b in BACKENDS}
    deadline = time.monotonic() + READY_WITHIN
    while True:
        up = {
            (s["binary"], s["host"])
            for s in session.get(volume + "/os-services").json()["services"]
            if s["state"] == "up"
        }
        # The services answer for themselves; the pools tell that the scheduler has heard of the backends.
        known = set()
        if services <= up:
            stats = session.get(volume + "/scheduler-stats/get_pools").json()
            known = {p["name"].split("#")[0] for p in stats["pools"]}
        if pools <= known:
            return
        if time.monotonic() > deadline:
            sys.exit(f"not ready after {READY_WITHIN} s: up {sorted(up)}, backends {sorted(known)}")
        time.sleep(0.3)


def sign_in(auth_url, name, project, password):
    """Signs in. With the first sign-in of a day Keystone writes the date into the row of the user; from MariaDB 11.8
    on, of several at the same time all but one fail for that, with 500 and nothing more."""
    session = Session(
        auth=Password(
            auth_url=auth_url,
            username=name,
            password=password,
            project_name=project,
            user_domain_id="default",
            project_domain_id="default",
        )
    )
    session.get_token()
    return session


def main(auth_url, cinder_url, cloud):
    password = os.environ["PASSWORD"]
    session = sign_in(auth_url, "admin", "admin", password)

    identity = Identity(session, auth_url)
    for name, project, role in USERS:
        identity.user(name, project, role, password)
        sign_in(auth_url, name, project, password)
    if cloud.endswith("-v2"):
        identity.service("volumev2", "cinder", cinder_url + "/v2/%(project_id)s")
    else:
        identity.service("volumev3", "cinder", cinder_url + "/v3/%(project_id)s")
        identity.service("block-storage", "cinder-block-storage", cinder_url + "/v3/%(project_id)s")
    # Nothing serves images here, but the openstack client wants the entry before it makes a volume.
    identity.service("image", "glance", "http://127.0.0.1:9292/v2")

    volume = f"{cinder_url}/v3/{session.get_project_id()}"
    make_types(session, volume)
    wait_ready(session, volume)


if __name__ == "__main__":
    main(*sys.argv[1:])
