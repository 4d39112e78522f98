from steps import arn, describe_or_create, personalize, settled


def handler(event, context):
    job_name = event["type"] + "_" + event["date"]
    job = arn("dataset-import-job", job_name)
    found = describe_or_create(
        lambda: personalize.describe_dataset_import_job(datasetImportJobArn=job)["datasetImportJob"],
        lambda: personalize.create_dataset_import_job(
            jobName=job_name, datasetArn=event["datasetArn"], roleArn="arn:aws:iam::000000000000:role/any",
            dataSource={"dataLocation": "s3://" + event["bucket"] + "/" + event["type"] + "/"}))
    settled(found["status"], job)
    return job
