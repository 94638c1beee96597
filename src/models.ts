// This is a generated file. Modifications will be overwritten.
import { BaseModel, Dict, integer, Integer, Optional, transformValue } from '@amazon-web-services-cloudformation/cloudformation-cli-typescript-lib';
import { Exclude, Expose, Type, Transform } from 'class-transformer';

export class ResourceModel extends BaseModel {
    ['constructor']: typeof ResourceModel;

    @Exclude()
    public static readonly TYPE_NAME: string = 'Custom::Ecs::RoleTrunking';

    @Exclude()
    protected readonly IDENTIFIER_KEY_ROLEARN: string = '/properties/RoleArn';

    @Expose({ name: 'RoleArn' })
    @Transform(
        (value: any, obj: any) =>
            transformValue(String, 'roleArn', value, obj, []),
        {
            toClassOnly: true,
        }
    )
    roleArn?: Optional<string>;
    @Expose({ name: 'Trunking' })
    @Transform(
        (value: any, obj: any) =>
            transformValue(String, 'trunking', value, obj, []),
        {
            toClassOnly: true,
        }
    )
    trunking?: Optional<string>;

    @Exclude()
    public getPrimaryIdentifier(): Dict {
        const identifier: Dict = {};
        if (this.roleArn != null) {
            identifier[this.IDENTIFIER_KEY_ROLEARN] = this.roleArn;
        }

        // only return the identifier if it can be used, i.e. if all components are present
        return Object.keys(identifier).length === 1 ? identifier : null;
    }

    @Exclude()
    public getAdditionalIdentifiers(): Array<Dict> {
        const identifiers: Array<Dict> = new Array<Dict>();
        // only return the identifiers if any can be used
        return identifiers.length === 0 ? null : identifiers;
    }
}

export class TypeConfigurationModel extends BaseModel {
    ['constructor']: typeof TypeConfigurationModel;



}

