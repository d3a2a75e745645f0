import { InterfaceVpcEndpoint, InterfaceVpcEndpointService, type ISecurityGroup, type IVpc } from 'aws-cdk-lib/aws-ec2';
import * as atlas from 'awscdk-resources-mongodbatlas';
import { Construct } from 'constructs';

/** How long Atlas keeps a backup, in days; a receipt of an erasure names the date on which the last one is gone. */
export const BACKUP_DAYS = 35;

export interface AtlasProps {
  readonly organisationId: string;
  /** Of Atlas's cloud-provider access, which Atlas makes: docs/deploy.md. */
  readonly roleId: string;
  readonly keyId: string;
  readonly awsRegion: string;
  readonly name: string;
  readonly vpc: IVpc;
  readonly group: ISecurityGroup;
}

/**
 * MongoDB Atlas of a region: a project of its own, reached by a private endpoint only, encrypted with our key. The
 * cluster of what is kept has backups; the one of sessions has none, so that what ended is gone. The ledger of erasures
 * (DESIGN 6) is a third one, without backups either: Atlas restores a whole cluster, and no restore may take the ledger
 * back to where the database is.
 */
export class Atlas extends Construct {
  constructor(scope: Construct, id: string, props: AtlasProps) {
    super(scope, id);
    const region = props.awsRegion.toUpperCase().replaceAll('-', '_');
    const project = new atlas.CfnProject(this, 'Project', {
      name: `oneshot-${props.name}`,
      orgId: props.organisationId,
      withDefaultAlertsSettings: true,
      projectSettings: { isDataExplorerEnabled: false, isCollectDatabaseSpecificsStatisticsEnabled: false },
    });
    const projectId = project.attrId;
    const encryption = new atlas.CfnEncryptionAtRest(this, 'Encryption', {
      projectId,
      awsKmsConfig: { enabled: true, customerMasterKeyId: props.keyId, region, roleId: props.roleId },
    });
    const cluster = (name: string, hasBackups: boolean): atlas.CfnCluster => {
      const made = new atlas.CfnCluster(this, name, {
        projectId,
        name: `oneshot-${name.toLowerCase()}`,
        clusterType: 'REPLICASET',
        mongoDbMajorVersion: '8.0',
        backupEnabled: hasBackups,
        pitEnabled: hasBackups,
        terminationProtectionEnabled: true,
        encryptionAtRestProvider: atlas.CfnClusterPropsEncryptionAtRestProvider.AWS,
        advancedSettings: { minimumEnabledTlsProtocol: 'TLS1_2', javascriptEnabled: false },
        replicationSpecs: [
          {
            numShards: 1,
            advancedRegionConfigs: [
              {
                regionName: region,
                providerName: atlas.AdvancedRegionConfigProviderName.AWS,
                priority: 7,
                electableSpecs: { instanceSize: 'M10', nodeCount: 3 },
              },
            ],
          },
        ],
      });
      made.addDependency(encryption);
      return made;
    };
    const main = cluster('Main', true);
    cluster('Sessions', false);
    cluster('Ledger', false);
    new atlas.CfnCloudBackupSchedule(this, 'Backups', {
      projectId,
      clusterName: main.props.name,
      autoExportEnabled: false,
      restoreWindowDays: 7,
      updateSnapshots: true,
      policies: [
        {
          policyItems: [
            { frequencyType: 'daily', frequencyInterval: 1, retentionUnit: 'days', retentionValue: BACKUP_DAYS },
          ],
        },
      ],
    }).addDependency(main);
    const service = new atlas.CfnPrivateEndpointService(this, 'EndpointService', {
      projectId,
      region,
      cloudProvider: atlas.CfnPrivateEndpointServicePropsCloudProvider.AWS,
    });
    const endpoint = new InterfaceVpcEndpoint(this, 'Endpoint', {
      vpc: props.vpc,
      service: new InterfaceVpcEndpointService(service.attrEndpointServiceName),
      privateDnsEnabled: false,
      open: false,
      securityGroups: [props.group],
      subnets: { subnetGroupName: 'app' },
    });
    new atlas.CfnPrivateEndpointAws(this, 'EndpointOfAtlas', {
      projectId,
      endpointServiceId: service.attrId,
      id: endpoint.vpcEndpointId,
      enforceConnectionSuccess: true,
    });
  }
}
