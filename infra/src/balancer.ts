import { Duration, Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { FargateService } from 'aws-cdk-lib/aws-ecs';
import * as elb from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as waf from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.js';
import { HAPROXY_PORT } from './services.js';

/** Requests from one address in five minutes: an office of some hundred reps behind one address stays below. */
const REQUESTS_PER_ADDRESS = 20_000;

/** The load balancer that the internet sees, with TLS 1.2 or later, no plain port, and a firewall in front. */
export class Balancer extends Construct {
  readonly alb: elb.ApplicationLoadBalancer;
  readonly group: ec2.SecurityGroup;
  readonly #certificateArn: string;
  #targets: elb.ApplicationTargetGroup | undefined;

  constructor(scope: Construct, id: string, { vpc, certificateArn }: { vpc: ec2.IVpc; certificateArn: string }) {
    super(scope, id);
    this.#certificateArn = certificateArn;
    this.group = new ec2.SecurityGroup(this, 'Group', { vpc, allowAllOutbound: false });
    this.group.addIngressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'HTTPS');
    this.alb = new elb.ApplicationLoadBalancer(this, 'Alb', {
      vpc,
      internetFacing: true,
      vpcSubnets: { subnetGroupName: 'public' },
      securityGroup: this.group,
      dropInvalidHeaderFields: true,
      deletionProtection: true,
      idleTimeout: Duration.seconds(60),
    });
    acknowledge(Validations.of(this.group), 'AwsSolutions-EC23', 'The whole product is this one open port, 443.');
    acknowledge(
      Validations.of(this.alb),
      'AwsSolutions-ELB2',
      'Access logs hold client addresses and URLs and cannot be redacted; the backend logs each request by its route.',
    );
    this.#addFirewall();
  }

  get targets(): elb.ApplicationTargetGroup {
    if (this.#targets === undefined) throw new Error('Nothing is behind this load balancer');
    return this.#targets;
  }

  /** Puts HAProxy behind it. There is no listener on port 80: a redirect would have read the path in plain text. */
  leadTo(vpc: ec2.IVpc, haproxy: FargateService): void {
    this.#targets = new elb.ApplicationTargetGroup(this, 'Haproxies', {
      vpc,
      port: HAPROXY_PORT,
      protocol: elb.ApplicationProtocol.HTTPS,
      targetType: elb.TargetType.IP,
      targets: [haproxy],
      deregistrationDelay: Duration.seconds(90),
      healthCheck: { path: '/readyz', protocol: elb.Protocol.HTTPS, interval: Duration.seconds(10) },
    });
    this.alb.addListener('Https', {
      port: 443,
      protocol: elb.ApplicationProtocol.HTTPS,
      certificates: [{ certificateArn: this.#certificateArn }],
      sslPolicy: elb.SslPolicy.TLS13_RES,
      open: false,
      defaultTargetGroups: [this.#targets],
    });
  }

  #addFirewall(): void {
    /** No sampled requests: they would show tickets and addresses in the console. */
    const visibility = (metricName: string): waf.CfnWebACL.VisibilityConfigProperty => ({
      cloudWatchMetricsEnabled: true,
      metricName,
      sampledRequestsEnabled: false,
    });
    const managed = (name: string, priority: number, counted: string[] = []): waf.CfnWebACL.RuleProperty => ({
      name,
      priority,
      overrideAction: { none: {} },
      visibilityConfig: visibility(name),
      statement: {
        managedRuleGroupStatement: {
          vendorName: 'AWS',
          name,
          ruleActionOverrides: counted.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
        },
      },
    });
    const acl = new waf.CfnWebACL(this, 'Firewall', {
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      visibilityConfig: visibility('firewall'),
      rules: [
        managed('AWSManagedRulesAmazonIpReputationList', 1),
        managed('AWSManagedRulesKnownBadInputsRuleSet', 2),
        // A mail is HTML and may be longer than 8 KB: these two would refuse what reps write.
        managed('AWSManagedRulesCommonRuleSet', 3, ['SizeRestrictions_BODY', 'CrossSiteScripting_BODY']),
        {
          name: 'PerAddress',
          priority: 4,
          action: { block: { customResponse: { responseCode: 429 } } },
          visibilityConfig: visibility('PerAddress'),
          statement: { rateBasedStatement: { limit: REQUESTS_PER_ADDRESS, aggregateKeyType: 'IP' } },
        },
      ],
    });
    new waf.CfnWebACLAssociation(this, 'FirewallOfAlb', {
      resourceArn: this.alb.loadBalancerArn,
      webAclArn: acl.attrArn,
    });
  }
}
