// Version 2 of the SDK does not read AWS_ENDPOINT_URL. The library loads this part of the SDK in any case.
import { config } from 'aws-sdk/global';

const endpoint = process.env.AWS_ENDPOINT_URL;
const s3 = { endpoint, s3ForcePathStyle: true };
Object.assign(config, { cloudwatch: { endpoint }, cloudwatchlogs: { endpoint }, s3 });
