-- One product; Basic, Pro and Enterprise are plans of it. No file lists products.
select
    'ravenstack' as product_id,
    'RavenStack' as product_name
