"""Walks through buckets, objects, uploads in parts and presigned URLs with boto3; prints what it saw as JSON."""

import io
import json
import sys
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

endpoint = sys.argv[1]


def client(name, **options):
    config = Config(retries={"max_attempts": 0}, **options)
    return boto3.client(name, endpoint_url=endpoint, region_name="us-east-1", config=config)


def code(call, *arguments, **members):
    try:
        call(*arguments, **members)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


s3 = client("s3")
seen = {}

# Buckets
s3.create_bucket(Bucket="walk")
s3.head_bucket(Bucket="walk")
seen["buckets"] = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
seen["location"] = s3.get_bucket_location(Bucket="walk")["LocationConstraint"]
seen["again"] = code(s3.create_bucket, Bucket="walk")
seen["noBucket"] = code(s3.list_objects_v2, Bucket="nowhere")

# Objects
key = "a folder/ü&+%41.txt"
s3.put_object(Bucket="walk", Key=key, Body=b"hello world", ContentType="text/x", Metadata={"who": "me"})
answer = s3.get_object(Bucket="walk", Key=key)
seen["object"] = [answer["Body"].read().decode(), answer["ContentType"], answer["Metadata"], answer["ETag"]]
seen["range"] = s3.get_object(Bucket="walk", Key=key, Range="bytes=6-")["Body"].read().decode()
seen["unchanged"] = code(s3.get_object, Bucket="walk", Key=key, IfNoneMatch=answer["ETag"])
seen["noKey"] = code(s3.get_object, Bucket="walk", Key="nothing")
seen["head"] = code(s3.head_object, Bucket="walk", Key="nothing")
copied = s3.copy_object(Bucket="walk", Key="copy", CopySource={"Bucket": "walk", "Key": key})
seen["copy"] = [copied["CopyObjectResult"]["ETag"], s3.head_object(Bucket="walk", Key="copy")["Metadata"]]

# Listings
for index in range(7):
    s3.put_object(Bucket="walk", Key=f"list/{index % 3}/{index}", Body=b"x")
for name in ["list_objects_v2", "list_objects"]:
    pages = s3.get_paginator(name).paginate(Bucket="walk", Prefix="list/", PaginationConfig={"PageSize": 2})
    seen[name] = [item["Key"] for page in pages for item in page["Contents"]]
folders = s3.list_objects_v2(Bucket="walk", Delimiter="/")
seen["folders"] = [folder["Prefix"] for folder in folders["CommonPrefixes"]]
seen["after"] = [item["Key"] for item in s3.list_objects_v2(Bucket="walk", StartAfter="list/2")["Contents"]]
deleted = s3.delete_objects(Bucket="walk", Delete={"Objects": [{"Key": "list/0/0"}, {"Key": "../up"}, {"Key": "no"}]})
seen["deleted"] = [[item["Key"] for item in deleted["Deleted"]], [item["Code"] for item in deleted["Errors"]]]

# Uploads in parts
content = bytes(range(256)) * 4096 * 18
s3.upload_fileobj(io.BytesIO(content), "walk", "large")
large = io.BytesIO()
s3.download_fileobj("walk", "large", large)
seen["large"] = [large.getvalue() == content, s3.head_object(Bucket="walk", Key="large")["ETag"].count("-")]
s3.copy({"Bucket": "walk", "Key": "large"}, "walk", "large copy")
seen["largeCopy"] = s3.get_object(Bucket="walk", Key="large copy")["Body"].read() == content

upload = s3.create_multipart_upload(
    Bucket="walk", Key="parts", ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT"
)["UploadId"]
place = {"Bucket": "walk", "Key": "parts", "UploadId": upload}
bodies = [b"a" * (5 << 20), b"b" * (5 << 20), b"c"]
parts = []
for number, body in enumerate(bodies, 1):
    part = s3.upload_part(PartNumber=number, Body=body, ChecksumAlgorithm="CRC32", **place)
    parts.append({"PartNumber": number, "ETag": part["ETag"], "ChecksumCRC32": part["ChecksumCRC32"]})
seen["parts"] = [part["Size"] for part in s3.list_parts(**place)["Parts"]]
seen["uploads"] = [item["Key"] for item in s3.list_multipart_uploads(Bucket="walk")["Uploads"]]
seen["order"] = code(s3.complete_multipart_upload, MultipartUpload={"Parts": parts[::-1]}, **place)
wrong = [dict(parts[0], ETag='"0"')]
seen["invalidPart"] = code(s3.complete_multipart_upload, MultipartUpload={"Parts": wrong}, **place)
completed = s3.complete_multipart_upload(MultipartUpload={"Parts": parts}, **place)
again = s3.complete_multipart_upload(MultipartUpload={"Parts": parts}, **place)
whole = s3.put_object(Bucket="walk", Key="whole", Body=b"".join(bodies))
seen["completed"] = [
    completed["ETag"] == again["ETag"],
    completed["ChecksumCRC32"] == whole["ChecksumCRC32"],
    s3.get_object(Bucket="walk", Key="parts")["Body"].read() == b"".join(bodies),
]
small = s3.create_multipart_upload(Bucket="walk", Key="small")["UploadId"]
place = {"Bucket": "walk", "Key": "small", "UploadId": small}
parts = [
    {"PartNumber": number, "ETag": s3.upload_part(PartNumber=number, Body=b"x", **place)["ETag"]} for number in (1, 2)
]
seen["small"] = code(s3.complete_multipart_upload, MultipartUpload={"Parts": parts}, **place)
s3.abort_multipart_upload(**place)
seen["aborted"] = code(s3.list_parts, **place)

# Presigned URLs: by default boto3 signs them as Signature Version 2
for version in ["s3", "s3v4"]:
    signer = client("s3", signature_version=version)
    place = {"Bucket": "walk", "Key": "presigned " + version}
    url = signer.generate_presigned_url("put_object", Params=place)
    # Version 2 signs the content type, and this library would add one of its own.
    put = urllib.request.Request(url, b"content", {"Content-Type": ""}, method="PUT")
    urllib.request.urlopen(put)
    with urllib.request.urlopen(signer.generate_presigned_url("get_object", Params=place)) as response:
        seen["presigned " + version] = response.read().decode()

# The end
seen["notEmpty"] = code(s3.delete_bucket, Bucket="walk")
for page in s3.get_paginator("list_objects_v2").paginate(Bucket="walk"):
    for item in page["Contents"]:
        s3.delete_object(Bucket="walk", Key=item["Key"])
s3.delete_bucket(Bucket="walk")
seen["end"] = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]

print(json.dumps(seen))
