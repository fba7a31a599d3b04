"""What openstacksdk makes of files and an environment.

Reads a JSON list of cases from stdin: each has a working directory ("dir") and
an environment ("env"). Writes a JSON list of answers: the settings of the cloud
that openstack.connect() would use, or {"error": kind and text}.
"""
import importlib
import json
import os
import sys
import warnings

from openstack.config import loader

SERVICE = 'block-storage'


def settings():
    # The module looks for the folders when it is loaded.
    importlib.reload(loader)
    cloud = loader.OpenStackConfig().get_one()
    verify, cert = cloud.get_requests_verify_args()
    cert, key = cert if isinstance(cert, tuple) else (cert, None)
    found = dict(cloud.get_auth_args())
    found.update(
        auth_type=cloud.config['auth_type'],
        region=cloud.get_region_name(SERVICE),
        interface=cloud.get_interface(SERVICE),
        endpoint=cloud.get_endpoint(SERVICE),
        insecure='true' if verify is False else None,
        cacert=verify if isinstance(verify, str) else None,
        cert=cert,
        key=key,
    )
    return {name: str(value) for name, value in found.items() if value}


def answer(case):
    """One answer, from a process of its own."""
    read, write = os.pipe()
    if not os.fork():
        os.chdir(case['dir'])
        os.environ.clear()
        os.environ.update(case['env'])
        warnings.simplefilter('ignore')
        try:
            found = settings()
        except Exception as error:
            found = {'error': '%s: %s' % (type(error).__name__, error)}
        with os.fdopen(write, 'w') as pipe:
            json.dump(found, pipe)
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        text = pipe.read()
    os.wait()
    return json.loads(text)


json.dump([answer(case) for case in json.load(sys.stdin)], sys.stdout)
