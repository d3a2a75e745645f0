import { CfnOutput, Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.js';
import { LOG_DAYS } from './logs.js';

/**
 * A VPC over three zones. Only the load balancer and the NAT gateways have public addresses; what goes out leaves by
 * one fixed address a zone, so that a Salesforce admin can put them on the org's list.
 */
export class Network extends Construct {
  readonly vpc: ec2.Vpc;
  /** Of the backend: it calls Salesforce, Google, Microsoft, Outreach. */
  readonly appSubnets: ec2.ISubnet[];

  constructor(scope: Construct, id: string, { zones, logsKey }: { zones: string[]; logsKey: IKey }) {
    super(scope, id);
    const addresses = zones.map((_, index) => new ec2.CfnEIP(this, `Egress${index + 1}`, { domain: 'vpc' }));
    this.vpc = new ec2.Vpc(this, 'Vpc', {
      ipAddresses: ec2.IpAddresses.cidr('10.20.0.0/16'),
      availabilityZones: zones,
      natGateways: zones.length,
      natGatewayProvider: ec2.NatProvider.gateway({
        eipAllocationIds: addresses.map((address) => address.attrAllocationId),
      }),
      restrictDefaultSecurityGroup: false, // would add a Lambda; nothing of ours is in the default group
      subnetConfiguration: [
        { name: 'public', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
        { name: 'edge', subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
        { name: 'app', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 24 },
      ],
      flowLogs: {
        rejected: {
          trafficType: ec2.FlowLogTrafficType.REJECT,
          destination: ec2.FlowLogDestination.toCloudWatchLogs(
            new logs.LogGroup(this, 'FlowLogs', { encryptionKey: logsKey, retention: LOG_DAYS }),
          ),
        },
      },
    });
    this.appSubnets = this.vpc.selectSubnets({ subnetGroupName: 'app' }).subnets;
    this.#addEndpoints();
    addresses.forEach((address, index) => {
      new CfnOutput(this, `EgressAddress${index + 1}`, {
        value: address.attrPublicIp,
        description: 'An address that this region calls Salesforce from; for the allow-lists of customers',
      });
    });
  }

  /** AWS's own services are reached inside the VPC: no image, secret, key or log line crosses the internet. */
  #addEndpoints(): void {
    const group = new ec2.SecurityGroup(this, 'EndpointGroup', { vpc: this.vpc, allowAllOutbound: false });
    group.addIngressRule(ec2.Peer.ipv4(this.vpc.vpcCidrBlock), ec2.Port.tcp(443), 'HTTPS from inside');
    acknowledge(
      Validations.of(group),
      'AwsSolutions-EC23',
      'The range is the VPC itself, which cdk-nag cannot read in a template.',
    );
    this.vpc.addGatewayEndpoint('S3', {
      service: ec2.GatewayVpcEndpointAwsService.S3,
      subnets: [{ subnetGroupName: 'app' }, { subnetGroupName: 'edge' }],
    });
    const services = {
      EcrApi: ec2.InterfaceVpcEndpointAwsService.ECR,
      EcrImages: ec2.InterfaceVpcEndpointAwsService.ECR_DOCKER,
      Logs: ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
      Secrets: ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
      Kms: ec2.InterfaceVpcEndpointAwsService.KMS,
    };
    for (const [name, service] of Object.entries(services))
      this.vpc.addInterfaceEndpoint(name, {
        service,
        open: false,
        securityGroups: [group],
        subnets: { subnetGroupName: 'app' },
      });
  }
}
