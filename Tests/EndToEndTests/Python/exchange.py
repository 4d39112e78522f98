"""Sends one request and prints the answer as it came: status line, headers in small letters, body.

Usage: exchange.py ENDPOINT METHOD PATH [BODY] [NAME:VALUE ...]
"""

import http.client
import sys
import urllib.parse

endpoint, method, path, body, *headers = sys.argv[1:]
parts = urllib.parse.urlsplit(endpoint)
connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
connection.request(method, path, body or None, dict(header.split(":", 1) for header in headers))
answer = connection.getresponse()
print(f"HTTP/1.1 {answer.status}")
for name, value in answer.getheaders():
    print(f"{name.lower()}: {value}")
print(f"\n{answer.read().decode()}", end="")
