// Written by protoc-gen-perdure from shop_domain.proto. Do not edit: change that file.
// No service of it is an entity's, an action or a view, so there is nothing here.
#pragma once
