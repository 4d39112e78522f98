"""Reads a Maildir with Python's own mailbox module and prints its messages as JSON.

Usage: maildir.py DIRECTORY
"""

import email
import email.policy
import json
import mailbox
import sys


def parse(file):
    return email.message_from_binary_file(file, policy=email.policy.default)


messages = []
for key, message in mailbox.Maildir(sys.argv[1], factory=parse, create=False).items():
    messages.append(
        {
            "key": key,
            "from": message["From"],
            "to": message["To"],
            "subject": message["Subject"],
            "id": message["Message-ID"],
            "date": message["Date"],
            "body": message.get_content(),
            "defects": [str(defect) for defect in message.defects],
        }
    )
print(json.dumps(messages))
