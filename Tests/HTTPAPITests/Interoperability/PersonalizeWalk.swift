/// The program that walks through all operations of Personalize.
///
/// What does not exist yet is passed over; the end of the program tells whether that was known.
enum PersonalizeWalk {
    static let preparation = #"""
        import os, time
        from botocore import xform_name
        role = "arn:aws:iam::000000000000:role/any"
        clients = (personalize, runtime, events)
        unchecked = config.merge(Config(parameter_validation=False))
        strangers = [boto3.client(name, endpoint_url=personalize.meta.endpoint_url, config=unchecked)
                     for name in ("personalize", "personalize-runtime", "personalize-events")]
        for one in clients: judge(one)

        def exists(name):
            for one in strangers:
                if name not in one.meta.service_model.operation_names: continue
                try: getattr(one, xform_name(name))()
                except one.exceptions.ClientError as error:
                    return error.response["Error"]["Code"] != "UnknownOperationException"
                return True

        def put(key, text):
            path = os.path.join(bucket, key)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as file: file.write(text)

        def settled(kind, arn, wanted="ACTIVE"):
            member = kind[0].lower() + kind[1:]
            describe = getattr(personalize, xform_name("Describe" + kind))
            deadline = time.time() + 120
            while time.time() < deadline:
                found = describe(**{member + "Arn": arn})[member]
                if found["status"] == wanted: return found
                assert "FAILED" not in found["status"], found
                time.sleep(0.02)
            raise AssertionError((arn, found))

        def gone(kind, arn):
            member = kind[0].lower() + kind[1:]
            try:
                while True:
                    getattr(personalize, xform_name("Describe" + kind))(**{member + "Arn": arn})
                    time.sleep(0.02)
            except personalize.exceptions.ResourceNotFoundException: pass

        def schema(name, kind, *fields, **more):
            fields = [{"name": name, "type": type} if not isinstance(type, dict) else {"name": name, **type}
                      for name, type in fields]
            avro = {"type": "record", "name": kind, "namespace": "com.amazonaws.personalize.schema",
                    "fields": fields, "version": "1.0"}
            return personalize.create_schema(name=name, schema=json.dumps(avro), **more)["schemaArn"]

        def dataset(group, kind, schema):
            made = personalize.create_dataset(name=kind, schemaArn=schema, datasetGroupArn=group, datasetType=kind,
                tags=[{"tagKey": "kind", "tagValue": kind}])["datasetArn"]
            return settled("Dataset", made)["datasetArn"]

        def imported(name, dataset, key, text, **more):
            put(key, text)
            job = personalize.create_dataset_import_job(jobName=name, datasetArn=dataset, roleArn=role,
                dataSource={"dataLocation": "s3://walk/" + key}, **more)["datasetImportJobArn"]
            return settled("DatasetImportJob", job)["datasetImportJobArn"]

        def trained(name, group, recipe, **more):
            solution = personalize.create_solution(name=name, datasetGroupArn=group, performAutoTraining=False,
                recipeArn="arn:aws:personalize:::recipe/" + recipe, **more)["solutionArn"]
            settled("Solution", solution)
            version = personalize.create_solution_version(solutionArn=solution)["solutionVersionArn"]
            settled("SolutionVersion", version)
            return solution, version

        maybe = lambda kind: ["null", kind]
        category = {"type": ["null", "string"], "categorical": True}
        keys = [("USER_ID", "string"), ("ITEM_ID", "string"), ("TIMESTAMP", "long"), ("EVENT_TYPE", "string")]

        """#

    static let steps = dataSteps + trainingSteps + servingSteps + jobSteps + domainSteps + deletions

    private static let dataSteps = #"""
        group = personalize.create_dataset_group(name="films", roleArn=role,
            kmsKeyArn="arn:aws:kms:us-east-1:000000000000:key/k", tags=[{"tagKey": "a", "tagValue": "1"}])
        group = settled("DatasetGroup", group["datasetGroupArn"])["datasetGroupArn"]
        seen = dataset(group, "Interactions", schema("seen", "Interactions", *keys, ("EVENT_VALUE", maybe("float"))))
        things = dataset(group, "Items", schema("things", "Items", ("ITEM_ID", "string"), ("GENRES", category),
            ("PRICE", maybe("float"))))
        people_schema = schema("people", "Users", ("USER_ID", "string"), ("AGE", maybe("int")))
        people = dataset(group, "Users", people_schema)
        offers = dataset(group, "Actions", schema("offers", "Actions", ("ACTION_ID", "string"), ("VALUE", maybe("long"))))
        answers = dataset(group, "Action_Interactions", schema("answers", "Action_Interactions", ("USER_ID", "string"),
            ("ACTION_ID", "string"), ("EVENT_TYPE", "string"), ("TIMESTAMP", "long")))
        assert personalize.describe_schema(schemaArn=people_schema)["schema"]["name"] == "people"
        assert len(personalize.list_schemas(maxResults=2)["schemas"]) == 2
        assert [g["name"] for g in personalize.list_dataset_groups()["datasetGroups"]] == ["films"]
        assert len(personalize.list_datasets(datasetGroupArn=group)["datasets"]) == 5

        tracker = personalize.create_event_tracker(name="clicks", datasetGroupArn=group)
        settled("EventTracker", tracker["eventTrackerArn"])
        assert len(personalize.list_event_trackers(datasetGroupArn=group)["eventTrackers"]) == 1
        now = int(time.time())
        item_rows = ["i%d,%s,%d.5" % (i, ["drama|war", "comedy"][i % 2], i) for i in range(12)]
        imported("items", things, "Items/items.csv", "ITEM_ID,GENRES,PRICE\n" + "\n".join(item_rows) + "\n")
        measured = personalize.create_metric_attribution(name="impact", datasetGroupArn=group,
            metrics=[{"eventType": "watch", "metricName": "watches", "expression": "SAMPLECOUNT()"}],
            metricsOutputConfig={"roleArn": role, "s3DataDestination": {"path": "s3://walk/reports"}})
        measured = settled("MetricAttribution", measured["metricAttributionArn"])["metricAttributionArn"]
        personalize.update_metric_attribution(metricAttributionArn=measured, addMetrics=[
            {"eventType": "watch", "metricName": "spent", "expression": "SUM(Items.PRICE)"}])
        listed = personalize.list_metric_attribution_metrics(metricAttributionArn=measured)["metrics"]
        assert [metric["metricName"] for metric in listed] == ["watches", "spent"], listed
        assert len(personalize.list_metric_attributions(datasetGroupArn=group)["metricAttributions"]) == 1

        rows = ["u%d,i%d,%d,watch,%d" % (u, i, now - 9000 + 60 * i + u, 1 + i % 5)
                for u in range(20) for i in range(12) if (u + i) % 2 == 0 and i != u % 6]
        job = imported("seen", seen, "Interactions/seen.csv",
            "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE\n" + "\n".join(rows) + "\n",
            publishAttributionMetricsToS3=True, importMode="FULL")
        assert [name for name in os.listdir(os.path.join(bucket, "reports")) if "FULL" in name]
        listed = personalize.list_dataset_import_jobs(datasetArn=seen)["datasetImportJobs"]
        assert [found["jobName"] for found in listed] == ["seen"], listed
        ours = {"trackingId": tracker["trackingId"]}
        events.put_events(userId="u1", sessionId="s", eventList=[{"eventId": "e1", "eventType": "watch", "itemId": "i0",
            "sentAt": now, "eventValue": 4.5, "properties": "{}", "recommendationId": "RID-1", "impression": ["i0", "i1"],
            "metricAttribution": {"eventAttributionSource": "mail"}}], **ours)
        events.put_items(datasetArn=things, items=[{"itemId": "i12", "properties": '{"genres": "war", "price": 3}'}])
        events.put_users(datasetArn=people, users=[{"userId": "u%d" % u, "properties": '{"age": 30}'} for u in range(10)])
        events.put_actions(datasetArn=offers, actions=[
            {"actionId": "a%d" % a, "properties": '{"value": 3}'} for a in range(5)])
        for u in range(20):
            events.put_action_interactions(actionInteractions=[{"actionId": "a%d" % (a % 5), "userId": "u%d" % u,
                "sessionId": "s", "timestamp": now - a, "eventType": ["Viewed", "Taken"][(a + u) % 2],
                "eventId": "%d-%d" % (u, a)} for a in range(10)], **ours)
        if exists("UpdateDataset"):
            wider = schema("wider", "Users", ("USER_ID", "string"), ("AGE", maybe("int")), ("TOWN", category))
            personalize.update_dataset(datasetArn=people, schemaArn=wider)
            settled("Dataset", people)

        """#

    private static let trainingSteps = #"""
        assert "aws-sims" in [recipe["name"] for recipe in personalize.list_recipes()["recipes"]]
        recipe = personalize.describe_recipe(recipeArn="arn:aws:personalize:::recipe/aws-user-personalization")["recipe"]
        if exists("DescribeAlgorithm"):
            algorithm = personalize.describe_algorithm(algorithmArn=recipe["algorithmArn"])["algorithm"]
            assert algorithm["algorithmArn"] == recipe["algorithmArn"], algorithm
        if exists("DescribeFeatureTransformation"):
            personalize.describe_feature_transformation(featureTransformationArn=recipe["featureTransformationArn"])
        small = {"algorithmHyperParameters": {"hidden_dimension": "2"}}
        solution, version = trained("own", group, "aws-user-personalization", solutionConfig=small)
        if exists("UpdateSolution"):
            personalize.update_solution(solutionArn=solution, performAutoTraining=False)
            settled("Solution", solution)
        metrics = personalize.get_solution_metrics(solutionVersionArn=version)["metrics"]
        assert "precision_at_5" in metrics, metrics
        assert len(personalize.list_solutions(datasetGroupArn=group)["solutions"]) == 1
        assert len(personalize.list_solution_versions(solutionArn=solution)["solutionVersions"]) == 1
        endless = personalize.create_solution(name="endless", datasetGroupArn=group, performAutoTraining=False,
            recipeArn=recipe["recipeArn"], performHPO=True, solutionConfig={"hpoConfig": {"hpoResourceConfig":
                {"maxNumberOfTrainingJobs": "40", "maxParallelTrainingJobs": "1"}}})["solutionArn"]
        settled("Solution", endless)
        first = personalize.create_solution_version(solutionArn=endless)["solutionVersionArn"]
        stopped = personalize.create_solution_version(solutionArn=endless, name="second", trainingMode="FULL",
            tags=[{"tagKey": "a", "tagValue": "1"}])["solutionVersionArn"]
        personalize.stop_solution_version_creation(solutionVersionArn=stopped)
        settled("SolutionVersion", stopped, "CREATE STOPPED")
        settled("SolutionVersion", first)

        """#

    private static let servingSteps = #"""
        campaign = personalize.create_campaign(name="own", solutionVersionArn=version, minProvisionedTPS=1,
            campaignConfig={"enableMetadataWithRecommendations": True})["campaignArn"]
        settled("Campaign", campaign)
        personalize.update_campaign(campaignArn=campaign, minProvisionedTPS=2)
        assert len(personalize.list_campaigns(solutionArn=solution)["campaigns"]) == 1
        wars = personalize.create_filter(name="wars", datasetGroupArn=group,
            filterExpression="INCLUDE ItemID WHERE Items.GENRES IN ($G)")["filterArn"]
        settled("Filter", wars)
        assert len(personalize.list_filters(datasetGroupArn=group)["Filters"]) == 1
        while "latestCampaignUpdate" not in settled("Campaign", campaign): pass
        while settled("Campaign", campaign)["latestCampaignUpdate"]["status"] != "ACTIVE": time.sleep(0.02)
        found = runtime.get_recommendations(campaignArn=campaign, userId="u1", numResults=5, context={"DEVICE": "x"},
            filterArn=wars, filterValues={"G": '"comedy","war"'}, metadataColumns={"ITEMS": ["GENRES"]},
            promotions=[{"name": "p", "percentPromotedItems": 50, "filterArn": wars, "filterValues": {"G": '"war"'}}])
        assert found["itemList"] and found["recommendationId"], found
        ranking, ranked = trained("ranked", group, "aws-personalized-ranking", solutionConfig=small)
        ranks = personalize.create_campaign(name="ranked", solutionVersionArn=ranked)["campaignArn"]
        settled("Campaign", ranks)
        found = runtime.get_personalized_ranking(campaignArn=ranks, userId="u1", inputList=["i1", "i2", "none"])
        assert len(found["personalizedRanking"]) == 3, found
        if exists("GetActionRecommendations"):
            _, acting = trained("acting", group, "aws-next-best-action")
            acts = personalize.create_campaign(name="acting", solutionVersionArn=acting)["campaignArn"]
            settled("Campaign", acts)
            found = runtime.get_action_recommendations(campaignArn=acts, userId="u1", numResults=3)
            assert found["actionList"], found
            personalize.delete_campaign(campaignArn=acts)
            gone("Campaign", acts)
        personalize.tag_resource(resourceArn=campaign, tags=[{"tagKey": "b", "tagValue": "2"}])
        assert personalize.list_tags_for_resource(resourceArn=campaign)["tags"] == [{"tagKey": "b", "tagValue": "2"}]
        personalize.untag_resource(resourceArn=campaign, tagKeys=["b"])

        """#

    private static let jobSteps = #"""
        out = {"s3DataDestination": {"path": "s3://walk/out/"}}
        personalize.list_batch_inference_jobs()
        personalize.list_batch_segment_jobs()
        personalize.list_dataset_export_jobs()
        personalize.list_data_deletion_jobs()
        if exists("CreateBatchInferenceJob"):
            put("in/users.json", '{"userId": "u1"}\n{"userId": "u2"}\n')
            job = personalize.create_batch_inference_job(jobName="all", solutionVersionArn=version, roleArn=role,
                numResults=3, jobInput={"s3DataSource": {"path": "s3://walk/in/users.json"}}, jobOutput=out)
            settled("BatchInferenceJob", job["batchInferenceJobArn"])
            jobs = personalize.list_batch_inference_jobs(solutionVersionArn=version)["batchInferenceJobs"]
            assert [found["jobName"] for found in jobs] == ["all"], jobs
            assert os.path.exists(os.path.join(bucket, "out/users.json.out")), os.listdir(os.path.join(bucket, "out"))
        if exists("CreateBatchSegmentJob"):
            put("in/items.json", '{"itemId": "i1"}\n')
            _, affine = trained("affine", group, "aws-item-affinity")
            job = personalize.create_batch_segment_job(jobName="fans", solutionVersionArn=affine, roleArn=role,
                numResults=3, jobInput={"s3DataSource": {"path": "s3://walk/in/items.json"}}, jobOutput=out)
            settled("BatchSegmentJob", job["batchSegmentJobArn"])
        if exists("CreateDatasetExportJob"):
            job = personalize.create_dataset_export_job(jobName="copy", datasetArn=seen, roleArn=role,
                ingestionMode="ALL", jobOutput={"s3DataDestination": {"path": "s3://walk/copies/"}})
            settled("DatasetExportJob", job["datasetExportJobArn"])
        if exists("CreateDataDeletionJob"):
            put("forget/users.csv", "USER_ID\nu3\n")
            job = personalize.create_data_deletion_job(jobName="forget", datasetGroupArn=group, roleArn=role,
                dataSource={"dataLocation": "s3://walk/forget/"})
            settled("DataDeletionJob", job["dataDeletionJobArn"], "COMPLETED")

        """#

    private static let domainSteps = #"""
        personalize.list_recommenders()
        if exists("CreateRecommender"):
            shop = personalize.create_dataset_group(name="shop", domain="ECOMMERCE")
            assert shop["domain"] == "ECOMMERCE", shop
            shop = settled("DatasetGroup", shop["datasetGroupArn"])["datasetGroupArn"]
            bought = dataset(shop, "Interactions", schema("bought", "Interactions", *keys, domain="ECOMMERCE"))
            rows = ["u%d,i%d,%d,%s" % (u, i, now - 9000 + 60 * i + u, ["View", "Purchase"][u % 2])
                    for u in range(60) for i in range(40)]
            imported("bought", bought, "Shop/bought.csv", "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\n" + "\n".join(rows) + "\n")
            popular = personalize.create_recommender(name="popular", datasetGroupArn=shop,
                recipeArn="arn:aws:personalize:::recipe/aws-ecomm-popular-items-by-views",
                recommenderConfig={"minRecommendationRequestsPerSecond": 1})["recommenderArn"]
            settled("Recommender", popular)
            assert len(personalize.list_recommenders(datasetGroupArn=shop)["recommenders"]) == 1
            assert runtime.get_recommendations(recommenderArn=popular, userId="u1")["itemList"]
            personalize.update_recommender(recommenderArn=popular,
                recommenderConfig={"minRecommendationRequestsPerSecond": 2})
            while settled("Recommender", popular).get("latestRecommenderUpdate", {}).get("status") != "ACTIVE":
                time.sleep(0.02)
            personalize.stop_recommender(recommenderArn=popular)
            settled("Recommender", popular, "INACTIVE")
            personalize.start_recommender(recommenderArn=popular)
            settled("Recommender", popular)
            personalize.delete_recommender(recommenderArn=popular)
            gone("Recommender", popular)

        """#

    private static let deletions = #"""
        for found in personalize.list_campaigns()["campaigns"]:
            personalize.delete_campaign(campaignArn=found["campaignArn"])
            gone("Campaign", found["campaignArn"])
        for found in personalize.list_solutions()["solutions"]:
            personalize.delete_solution(solutionArn=found["solutionArn"])
            gone("Solution", found["solutionArn"])
        personalize.delete_filter(filterArn=wars)
        gone("Filter", wars)
        personalize.delete_event_tracker(eventTrackerArn=tracker["eventTrackerArn"])
        gone("EventTracker", tracker["eventTrackerArn"])
        personalize.delete_metric_attribution(metricAttributionArn=measured)
        gone("MetricAttribution", measured)
        for found in personalize.list_datasets()["datasets"]:
            personalize.delete_dataset(datasetArn=found["datasetArn"])
            gone("Dataset", found["datasetArn"])
        for found in personalize.list_schemas()["schemas"]: personalize.delete_schema(schemaArn=found["schemaArn"])
        for found in personalize.list_dataset_groups()["datasetGroups"]:
            personalize.delete_dataset_group(datasetGroupArn=found["datasetGroupArn"])
            gone("DatasetGroup", found["datasetGroupArn"])

        """#

    static let end = #"""
        operations = {name for one in clients for name in one.meta.service_model.operation_names}
        assert len(operations) >= 79, len(operations)
        left = operations - called
        assert not faults, "\n".join(sorted(set(faults)))
        assert left == gaps, f"begun to work: {sorted(gaps - left)}; not answered: {sorted(left - gaps)}"
        """#
}
