import hashlib
import hmac
import re
import time

# t, then v1 and perhaps schemes that are not known yet.
FORM = re.compile(r"t=(0|[1-9][0-9]{0,14})(?:,v1=[0-9a-f]{64}|,(?!t=|v1=)[a-z0-9]+=[!-+\--~]*)+")


def verify(header, body, secrets, now=None):
    """Returns "ok" or what is wrong. body is bytes, now is in Unix seconds."""
    if not secrets or "" in secrets:
        raise ValueError("no signing secret")
    if len(body) > 102400:
        return "body_too_large"
    if not header:
        return "no_signature"
    form = FORM.fullmatch(header) if len(header) <= 1024 else None
    sums = re.findall(r",v1=([0-9a-f]{64})", header)
    if not form or not sums:
        return "malformed"
    t = form.group(1)
    if abs((time.time() if now is None else now) - int(t)) > 300:
        return "timestamp"
    matches = 0
    for secret in secrets:
        want = hmac.new(secret.encode(), t.encode() + b"." + body, hashlib.sha256).hexdigest()
        for received in sums:
            matches += hmac.compare_digest(want, received)
    return "ok" if matches else "mismatch"
